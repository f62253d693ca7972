namespace Koopman

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open System.Threading

/// Named pipes, whose opening waits for another program.
[<RequireQualifiedAccess>]
module internal Pipe =

    /// The runtime's own wrapper of stat, which writes flags and then the mode into a structure of less than this size.
    [<DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat", CharSet = CharSet.Ansi)>]
    extern int private Stat(string path, byte[] status)

    /// True for a named pipe, and for what a shell puts in the place of a command's output.
    let is (path: string) : bool =
        if OperatingSystem.IsWindows() then
            false
        else
            try
                let status = Array.zeroCreate<byte> 512
                Stat(path, status) = 0 && BitConverter.ToInt32(status, 4) &&& 0xF000 = 0x1000
            with
            | :? DllNotFoundException
            | :? EntryPointNotFoundException -> false

    /// So long another program has to open the other end.
    let private patience = TimeSpan.FromSeconds 5.0

    /// Opens a pipe, or is null if no other program opens its other end.
    let openWithin (mode: FileAccess) (path: string) : FileStream | null =
        let opening =
            Tasks.Task.Factory.StartNew(
                (fun () -> new FileStream(path, FileMode.Open, mode, FileShare.ReadWrite, 1 <<< 16)),
                Tasks.TaskCreationOptions.LongRunning
            )

        // Its exception is raised here.
        if Tasks.Task.WhenAny(opening, Tasks.Task.Delay patience).GetAwaiter().GetResult() = opening then
            opening.GetAwaiter().GetResult()
        else
            // If the other end is opened after all, nobody is interested any more.
            opening.ContinueWith(fun (late: Tasks.Task<FileStream>) ->
                if late.IsCompletedSuccessfully then
                    late.Result.Dispose())
            |> ignore

            null

/// <summary>Reads and writes whole files: an existing file survives a failed write, and every failure names a remedy.</summary>
[<RequireQualifiedAccess>]
module internal Files =

    let private bufferSize: int = 1 <<< 16

    let private unwritable (path: string) (reason: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnwritableFile $"Cannot write '{path}': {reason}" remedy

    let private elsewhere: string =
        "Choose a path in a folder that exists and that you may write to"

    /// The system's message ends with the path, which may be a temporary name that is meaningless to the user.
    let private systemReason (error: exn) : string =
        let text = error.Message
        let cut = text.IndexOf(" : '", StringComparison.Ordinal)
        (if cut > 0 then text.Substring(0, cut) else text).TrimEnd('.')

    /// What helps against an error of the system when writing; its number is that of Unix.
    let private writingRemedy (error: IOException) : string =
        match error with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> elsewhere
        | _ ->
            match error.HResult &&& 0xFFFF with
            | _ when error.Message.StartsWith("it is a pipe", StringComparison.Ordinal) ->
                "Start the program that reads from it first, or give the name of a file"
            | 30 -> "The disk is read-only: choose a path on another"
            | 40 -> "The links on the way lead in a circle: repair them, or choose another path"
            | _ -> "Free some space there, or choose another path"

    let private orUnwritable (path: string) (action: unit -> Outcome<'T>) : Outcome<'T> =
        try
            action ()
        with
        | :? UnauthorizedAccessException -> unwritable path "permission is denied" elsewhere
        | :? IOException as error -> unwritable path (systemReason error) (writingRemedy error)
        | :? ArgumentException as error -> unwritable path (systemReason error) "Give the name of a file"

    /// Devices such as /dev/stdout and pipes have no content to preserve, and a rename would replace the device itself.
    let private isDevice (path: string) : bool =
        OperatingSystem.IsWindows() |> not
        && ((path.StartsWith("/dev/", StringComparison.Ordinal)
             && not (path.StartsWith("/dev/shm/", StringComparison.Ordinal)))
            || Pipe.is path)

    /// The file that a rename must replace: for a link its target, so that the link remains.
    let private replaced (path: string) : Outcome<string> =
        let named = Path.GetFullPath path

        let full =
            if isNull (FileInfo(named).LinkTarget) then
                named
            else
                match File.ResolveLinkTarget(named, true) with
                | null -> named
                | target -> target.FullName

        if Directory.Exists full then
            unwritable path "it is a folder" "Give the name of a file in it"
        elif not (Directory.Exists(Path.GetDirectoryName full)) then
            unwritable path "its folder does not exist" "Create the folder first, or choose another path"
        else
            Ok full

    let private temporaryStart, temporaryEnd = ".koopman-", ".tmp"

    let private folderOf (full: string) : string = Path.GetDirectoryName full |> string

    let private temporaryBeside (full: string) : string =
        Path.Combine(folderOf full, $"{temporaryStart}{Guid.NewGuid():N}{temporaryEnd}")

    let private removeQuietly (path: string) : unit =
        try
            File.Delete path
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// Removes what processes left behind that were killed while they wrote. Those that still write hold a lock.
    let private removeOrphans (folder: string) : unit =
        try
            for orphan in Directory.EnumerateFiles(folder, temporaryStart + "*" + temporaryEnd) do
                try
                    use _ = new FileStream(orphan, FileMode.Open, FileAccess.Write, FileShare.None)
                    ()

                    removeQuietly orphan
                with
                | :? IOException
                | :? UnauthorizedAccessException -> ()
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    let private writeStream (path: string) (mode: FileMode) (write: Stream -> unit) : unit =
        use stream =
            if Pipe.is path then
                match Pipe.openWithin FileAccess.Write path with
                | null -> raise (IOException "it is a pipe from which no program reads")
                | pipe -> pipe
            else
                new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite, bufferSize)

        write stream
        stream.Flush(stream.CanSeek)

    let private replaceBy (full: string) (write: Stream -> unit) : unit =
        removeOrphans (folderOf full)
        let temporary = temporaryBeside full

        try
            let mutable isMoved = false

            using
                (new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize))
                (fun stream ->
                    write stream
                    stream.Flush true

                    // Under the lock, so that no other process takes it for an orphan; Windows moves only closed files.
                    if not (OperatingSystem.IsWindows()) then
                        File.Move(temporary, full, true)
                        isMoved <- true)

            if not isMoved then
                File.Move(temporary, full, true)
        finally
            // After the rename no file has this name.
            removeQuietly temporary

    /// <summary>Writes a file so that the path holds either all of the new content or exactly what it held before.</summary>
    /// <remarks>The content goes to a temporary file in the same folder, is flushed to disk and renamed over the path.
    /// A symbolic link is followed. Devices (<c>/dev/stdout</c>) are written directly.</remarks>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the content to the stream it is given. Exceptions other than those of input and output (such as cancellation) pass
    /// through, after the temporary file is deleted.</param>
    /// <returns>An <c>UnwritableFile</c> error if the path is a folder, its folder is missing, permission is denied or the disk is full.</returns>
    let writeAtomically (path: string) (write: Stream -> unit) : Outcome<unit> =
        orUnwritable path (fun () ->
            if isDevice path then
                Ok(writeStream path FileMode.Open write)
            else
                replaced path |> Result.map (fun full -> replaceBy full write))

    /// The extension of a file name in lower case, with its dot.
    let ending (path: string) : string =
        (Path.GetExtension path |> string).ToLowerInvariant()

    /// <summary>Checks, before long work, that <c>writeAtomically</c> can write a path; changes nothing.</summary>
    /// <param name="path">The file to be created or replaced.</param>
    /// <returns>The <c>UnwritableFile</c> error that the write would end with, as far as it can be predicted.</returns>
    let checkWritable (path: string) : Outcome<unit> =
        orUnwritable path (fun () ->
            // Opening a pipe and closing it again would end its reader.
            if Pipe.is path then
                Ok()
            elif isDevice path then
                Ok(writeStream path FileMode.Open ignore)
            else
                replaced path
                |> Result.map (fun full ->
                    let probe = temporaryBeside full

                    try
                        writeStream probe FileMode.CreateNew ignore
                    finally
                        removeQuietly probe))

    let private unreadable (path: string) (reason: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile $"Cannot read '{path}': {reason}" remedy

    let private isGzip (path: string) (file: FileStream) : bool =
        if path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) then
            true
        elif file.CanSeek then
            let magic = Array.zeroCreate<byte> 2
            let found = file.ReadAtLeast(magic.AsSpan(), 2, false)
            file.Position <- 0L
            found = 2 && magic[0] = 0x1Fuy && magic[1] = 0x8Buy
        else
            false

    /// Compressed data of more than this many bytes is suspicious if it grows this much.
    let private largeLength: int64 = 256L <<< 20

    let private largeRatio: int64 = 100L

    /// <summary>True for data that few programs write and that would exhaust the memory: zeros, compressed.</summary>
    let isBomb (compressed: int64) (length: int64) : bool =
        length > largeLength && length / largeRatio > compressed

    /// <summary>The error for such data.</summary>
    let bomb (path: string) (compressed: int64) (length: int64) : Outcome<'T> =
        unreadable
            path
            $"its {compressed} bytes unpack to {length} or more, which no measured data do"
            "Unpack it yourself, if it is what you mean to read"

    /// .NET returns the available part of a truncated gzip file without an error. The file's last four bytes hold the length, modulo 2^32, of the
    /// uncompressed data (RFC 1952).
    let private requireWholeGzip (path: string) (file: FileStream) : Outcome<unit> =
        let mutable length = 0L

        using (new GZipStream(file, CompressionMode.Decompress, true)) (fun inflated ->
            let buffer = Array.zeroCreate<byte> bufferSize
            let mutable count = inflated.Read(buffer, 0, bufferSize)

            while count > 0 && not (isBomb file.Length length) do
                length <- length + int64 count
                count <- inflated.Read(buffer, 0, bufferSize))

        if isBomb file.Length length then
            bomb path file.Length length
        else
            let trailer = Array.zeroCreate<byte> 4
            file.Seek(-4L, SeekOrigin.End) |> ignore
            file.ReadExactly(trailer.AsSpan())

            if BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan trailer) <> uint32 length then
                raise (InvalidDataException())

            file.Position <- 0L
            Ok()

    let private openToRead (path: string) : FileStream =
        if Pipe.is path then
            match Pipe.openWithin FileAccess.Read path with
            | null ->
                unreadable
                    path
                    "it is a pipe to which no program writes"
                    "Start the program that writes to it first, or give the name of a file"
                |> Outcome.get
            | pipe -> pipe
        else
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize)

    let private parseFile (path: string) (parse: Stream -> Outcome<'T>) : Outcome<'T> =
        use file = openToRead path

        if isGzip path file then
            let isWhole =
                if file.CanSeek && file.Length > 0L then
                    requireWholeGzip path file
                else
                    Ok()

            isWhole
            |> Result.bind (fun () ->
                use inflated = new GZipStream(file, CompressionMode.Decompress)
                use buffered = new BufferedStream(inflated, bufferSize)
                parse buffered)
        else
            parse file

    let private workingFolder () : string option =
        try
            Some(Directory.GetCurrentDirectory())
        with :? IOException ->
            None

    let private orUnreadable (path: string) (parse: unit -> Outcome<'T>) : Outcome<'T> =
        if Directory.Exists path then
            unreadable path "it is a folder" "Give the name of a file in it"
        elif not (File.Exists path) then
            KoopmanError.fail
                ErrorKind.MissingFile
                $"There is no file '{path}'"
                (match workingFolder () with
                 | Some folder -> $"Check the name; relative paths start at '{folder}'"
                 | None -> "Check the name, and give a whole path: the working folder no longer exists")
        else
            try
                parse ()
            with
            | :? KoopmanException as error -> Error error.Error
            | :? UnauthorizedAccessException ->
                unreadable
                    path
                    "permission is denied"
                    "Change the file's permissions, or copy it to a place where you may read it"
            | :? EndOfStreamException -> unreadable path "it ends too early" "Copy or download the file again"
            | :? InvalidDataException ->
                unreadable
                    path
                    "its compressed data is damaged, truncated, or not a single gzip file"
                    "Copy or download the file again, or decompress it yourself"
            | :? FileNotFoundException ->
                unreadable
                    path
                    "it is a link to a file that does not exist"
                    "Repair the link, or give the name of the file"
            | :? IOException as error ->
                unreadable path (systemReason error) "Check the disk or copy the file elsewhere"

    /// <summary>Reads a file; one that is compressed by gzip (name in <c>.gz</c>, or by its first two bytes) is decompressed on the way.</summary>
    /// <param name="path">The file to read.</param>
    /// <param name="parse">Makes the value from the stream, which is closed afterwards and may not be seekable. Its own errors are passed on; an
    /// early end of the stream and bad compressed data become errors here.</param>
    /// <returns>A <c>MissingFile</c> error if there is no such file; <c>UnreadableFile</c> if it is a folder, may not be
    /// read, ends early or its compressed data is damaged.</returns>
    let read (path: string) (parse: Stream -> Outcome<'T>) : Outcome<'T> =
        orUnreadable path (fun () -> parseFile path parse)

    /// <summary>The first bytes of a file as they are on the disk, at most this many; none of what is no regular file, which could be read only once.</summary>
    /// <returns>As <c>read</c>, an error if there is no such file, or if it may not be read.</returns>
    let opening (count: int) (path: string) : Outcome<byte[]> =
        orUnreadable path (fun () ->
            use file = if Pipe.is path then null else openToRead path

            match file with
            | null -> Ok [||]
            | file when file.CanSeek ->
                let bytes = Array.zeroCreate<byte> count
                let found = file.ReadAtLeast(bytes.AsSpan(), count, false)
                Ok(Array.sub bytes 0 found)
            | _ -> Ok [||])

    /// <summary>Lets another library read a regular file. What that library throws at a damaged one is an error, not an exception.</summary>
    let readBy (format: string) (path: string) (parse: FileStream -> Outcome<'T>) : Outcome<'T> =
        orUnreadable path (fun () ->
            use file = openToRead path

            if not file.CanSeek then
                unreadable path $"{format} is read from files only" "Write the data to a file first"
                |> Outcome.get

            try
                parse file
            with
            | :? KoopmanException as error -> Error error.Error
            | :? OperationCanceledException -> reraise ()
            | :? OutOfMemoryException ->
                unreadable
                    path
                    "it needs, or claims to need, more memory than there is"
                    "Copy it again from the original, or write a part of it to a file of its own"
            | error ->
                let reason =
                    String.Join(' ', error.Message.Split([| '\r'; '\n' |], StringSplitOptions.RemoveEmptyEntries))

                unreadable
                    path
                    $"it is damaged, or uses a part of {format} that is not supported ({reason.TrimEnd('.', ' ')})"
                    "Copy it again from the original, or write it again as .npz or .csv")
