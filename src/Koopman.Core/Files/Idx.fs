namespace Koopman

open System
open System.Buffers.Binary
open System.IO

/// <summary>Reads <c>idx</c> files, the format of MNIST and Fashion-MNIST, compressed by gzip or not.</summary>
[<RequireQualifiedAccess>]
module internal Idx =

    let private foreign (path: string) (reason: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.UnreadableFile
            $"Cannot read '{path}' as idx: {reason}"
            "Give an idx file such as t10k-images-idx3-ubyte.gz, or convert the data to .npy"

    let private elementOf (code: byte) : ElementType option =
        match code with
        | 0x08uy -> Some ElementType.UInt8
        | 0x09uy -> Some ElementType.Int8
        | 0x0Buy -> Some ElementType.Int16
        | 0x0Cuy -> Some ElementType.Int32
        | 0x0Duy -> Some ElementType.Float32
        | 0x0Euy -> Some ElementType.Float64
        | _ -> None

    let private readExtents (rank: int) (stream: Stream) : int[] =
        let bytes = Array.zeroCreate<byte>(4 * rank)
        stream.ReadExactly(bytes.AsSpan())
        Array.init rank (fun axis -> BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(bytes, 4 * axis, 4)))

    let private parse (path: string) (stream: Stream) : Outcome<NumericArray> =
        let magic = Array.zeroCreate<byte> 4
        let found = stream.ReadAtLeast(magic.AsSpan(), 4, false)

        match elementOf magic[2] with
        | Some element when found = 4 && magic[0] = 0uy && magic[1] = 0uy ->
            let shape = readExtents (int magic[3]) stream
            let count = NumericArray.countOf shape

            if Array.exists (fun extent -> extent < 0) shape || count > bigint Array.MaxLength then
                foreign path $"its header claims the shape {NumericArray.describe shape}"
            else
                match ElementType.readMany element true (int count) stream with
                | Ok values -> NumericArray.create shape values
                | Error present ->
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"'{path}' is truncated: it holds {present} of the {count} values of its shape {NumericArray.describe shape}"
                        "Copy or download the file again"
        | _ -> foreign path "its first four bytes are not those of an idx file"

    /// <summary>Reads an idx file of bytes, integers or real numbers.</summary>
    /// <param name="path">The file; gzip is decompressed.</param>
    /// <returns>The array in the file's shape, images x rows x columns for images (pixels 0 to 255); or a <c>MissingFile</c> or
    /// <c>UnreadableFile</c> error.</returns>
    let read (path: string) : Outcome<NumericArray> = Files.read path (parse path)

    /// Training images first: there are more of them.
    let private imagePrefixes: string list = [ "train-images"; "t10k-images" ]

    let private imageFiles (folder: string) : string list =
        let names =
            Directory.GetFiles folder
            |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
            |> List.ofArray

        imagePrefixes
        |> List.collect (fun prefix ->
            names
            |> List.filter (fun name -> FileInfo(name).Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))

    /// <summary>The file of images in a folder of MNIST or Fashion-MNIST: the first <c>train-images*</c>, else the first
    /// <c>t10k-images*</c>, in alphabetical order.</summary>
    /// <param name="folder">The folder to search. If it is a file, its name is returned unchanged.</param>
    /// <returns>The path of the file; a <c>MissingFile</c> error that lists the patterns searched for if there is none.</returns>
    let findImages (folder: string) : Outcome<string> =
        let missing (cause: string) : Outcome<string> =
            KoopmanError.fail
                ErrorKind.MissingFile
                cause
                "Give the folder that holds train-images-idx3-ubyte or t10k-images-idx3-ubyte, uncompressed or with .gz"

        if File.Exists folder then
            Ok folder
        elif not (Directory.Exists folder) then
            missing $"There is no folder '{folder}'"
        else
            try
                match imageFiles folder with
                | first :: _ -> Ok first
                | [] ->
                    let patterns =
                        String.Join(", ", imagePrefixes |> List.map (fun prefix -> prefix + "*"))

                    missing $"The folder '{folder}' has no file of images (looked for {patterns})"
            with
            | :? UnauthorizedAccessException
            | :? IOException as error ->
                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"Cannot list the folder '{folder}': {error.Message.TrimEnd('.')}"
                    "Change the folder's permissions, or copy it to a place where you may read it"
