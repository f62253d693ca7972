namespace Koopman.Tests

open System
open System.IO
open System.IO.Compression
open Expecto
open FsCheck.FSharp
open Koopman

[<RequireQualifiedAccess>]
module NpyBytes =

    /// A .npy file as numpy lays it out, byte by byte.
    let file (version: byte) (header: string) (data: byte[]) : byte[] =
        let text = Text.Encoding.UTF8.GetBytes(header + "\n")
        let length = BitConverter.GetBytes text.Length

        Array.concat
            [
                [| 0x93uy |]
                "NUMPY"B
                [| version; 0uy |]
                (if version = 1uy then length[..1] else length)
                text
                data
            ]

    let header (dtype: string) (fortran: bool) (shape: string) : string =
        let order = if fortran then "True" else "False"
        $"{{'descr': {dtype}, 'fortran_order': {order}, 'shape': ({shape}), }}"

module NpyLaws =

    let private roundTrip (write: string -> 'T -> Outcome<unit>) (read: string -> Outcome<'T>) (value: 'T) : bool =
        use folder = new TemporaryFolder()
        let path = folder.File "data"
        write path value |> Outcome.get
        (read path |> Outcome.get) = value

    let private archive =
        Gen.zip (Gen.elements [ "x"; "a b"; "lag"; "ψ" ]) Generate.numericArray
        |> Gen.nonEmptyListOf
        |> Gen.map Map.ofList

    let tests: Test =
        testList
            "Npy laws"
            [
                Law.holds "npy: what is written is read back" Generate.numericArray (roundTrip Npy.write Npy.read)
                Law.holds "npz: what is written is read back" archive (roundTrip Npy.writeArchive Npy.readArchive)
                Law.holds "npy: the shape must hold the values" Generate.numericArray (fun array ->
                    NumericArray.create array.Shape array.Values = Ok array
                    && Result.isError (NumericArray.create array.Shape (Array.append array.Values [| 0.0 |])))
            ]

module NpyTests =

    let private read (folder: TemporaryFolder) (bytes: byte[]) : Outcome<NumericArray> =
        Npy.read (folder.Write("a.npy", bytes))

    let private plain (dtype: string) (shape: string) (data: byte[]) : byte[] =
        NpyBytes.file 1uy (NpyBytes.header $"'{dtype}'" false shape) data

    let private compressed: byte[] =
        // numpy 1.24: savez_compressed(f, x=arange(6, dtype='<f4').reshape(2, 3) * 0.5, lag=0.25)
        Convert.FromBase64String(
            "UEsDBBQAAAAIAAAAIQALwLB2VwAAAJgAAAAFABQAeC5ucHkBABAAmAAAAAAAAABXAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKu"
            + "o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYIsGdgaADiA0DM4MDAoOAAAFBLAwQUAAAACAAAACEAg9jUtkcA"
            + "AACIAAAABwAUAGxhZy5ucHkBABAAiAAAAAAAAABHAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndL"
            + "zClOBYoXZyQWpAL5Gpo6CrUKFAEuBjC4YA8AUEsBAhQDFAAAAAgAAAAhAAvAsHZXAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsB"
            + "AhQDFAAAAAgAAAAhAIPY1LZHAAAAiAAAAAcAAAAAAAAAAAAAAIABjgAAAGxhZy5ucHlQSwUGAAAAAAIAAgBoAAAADgEAAAAA"
        )

    let tests: Test =
        testList
            "Npy"
            [
                testList
                    "Every kind of number is read in both byte orders"
                    [
                        for dtype, hex, numbers in
                            [
                                "|b1", "00 01 FF", "0 1 1"
                                "|i1", "80 FF 7F", "-128 -1 127"
                                "|u1", "00 80 FF", "0 128 255"
                                "<i2", "FEFF 0100 0080", "-2 1 -32768"
                                ">i2", "FFFE 0001 8000", "-2 1 -32768"
                                "<u2", "FEFF 0100 0080", "65534 1 32768"
                                ">i4", "FFFFFFFE 00000001 80000000", "-2 1 -2147483648"
                                "<u4", "FEFFFFFF 01000000 00000080", "4294967294 1 2147483648"
                                "<i8", "FEFFFFFFFFFFFFFF 0100000000000000 0000000001000000", "-2 1 4294967296"
                                ">u8", "0000000000000002 0000000100000000 0000000000000000", "2 4294967296 0"
                                "<f2", "003C 00C0 0035", "1 -2 0.3125"
                                "<f4", "0000803F 000000C0 0000C03E", "1 -2 0.375"
                                ">f4", "3F800000 C0000000 3EC00000", "1 -2 0.375"
                                "<f8", "000000000000F03F 00000000000000C0 000000000000D83F", "1 -2 0.375"
                                ">f8", "3FF0000000000000 C000000000000000 3FD8000000000000", "1 -2 0.375"
                            ] do
                            testInFolder dtype (fun folder ->
                                let expected = numbers.Split ' ' |> Array.map float

                                let array =
                                    read folder (plain dtype "3," (Convert.FromHexString(hex.Replace(" ", ""))))
                                    |> Outcome.get

                                Expect.equal array.Shape [| 3 |] "array.Shape"
                                Expect.equal array.Values expected "array.Values")
                    ]

                testInFolder "Fortran order becomes row-major order in any rank" (fun folder ->
                    // Element (i, j, k) of a 2 x 3 x 4 array is 100 i + 10 j + k; the first axis is fastest in the file.
                    let data =
                        [|
                            for k in 0..3 do
                                for j in 0..2 do
                                    for i in 0..1 -> byte (100 * i + 10 * j + k)
                        |]

                    let array =
                        read folder (NpyBytes.file 1uy (NpyBytes.header "'|u1'" true "2, 3, 4") data)
                        |> Outcome.get

                    let expected =
                        [|
                            for i in 0..1 do
                                for j in 0..2 do
                                    for k in 0..3 -> float (100 * i + 10 * j + k)
                        |]

                    Expect.equal array.Shape [| 2; 3; 4 |] "array.Shape"
                    Expect.equal array.Values expected "array.Values")

                testInFolder "All three versions of the format are read, and a header of Python 2" (fun folder ->
                    for version in [ 1uy; 2uy; 3uy ] do
                        let bytes =
                            NpyBytes.file version (NpyBytes.header "'|u1'" false "2, 1") [| 7uy; 9uy |]

                        Expect.equal ((read folder bytes |> Outcome.get).Values) [| 7.0; 9.0 |] "(read bytes).Values"

                    let old =
                        NpyBytes.file
                            1uy
                            "{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (2L,)}"
                            [| 7uy; 9uy |]

                    Expect.equal ((read folder old |> Outcome.get).Shape) [| 2 |] "(read old).Shape")

                testInFolder "A written file has the bytes that numpy writes" (fun folder ->
                    let path = folder.File "a.npy"

                    Npy.write
                        path
                        {
                            Shape = [| 2; 1 |]
                            Values = [| 1.0; -2.0 |]
                        }
                    |> Outcome.get

                    let header =
                        "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }".PadRight(117)
                        + "\n"

                    let expected =
                        Array.concat
                            [
                                [| 0x93uy |]
                                "NUMPY\001\000\118\000"B
                                Text.Encoding.ASCII.GetBytes header
                                Convert.FromHexString "000000000000F03F00000000000000C0"
                            ]

                    Expect.equal (File.ReadAllBytes path) expected "the bytes of the file")

                testList
                    "Other dtypes are named, with what to type in numpy"
                    [
                        for dtype, named, remedy in
                            [
                                "'|O'", "|O", "astype('float64')"
                                "'<U2'", "<U2", "astype('float64')"
                                "'<c16'", "<c16", "column_stack([a.real, a.imag])"
                                "'<M8[ns]'", "<M8[ns]", "int64"
                                "'<f16'", "<f16", "astype('float64')"
                                "[('a', '<f8'), ('b', '<i4')]", "'b', '<i4'", "one field at a time"
                            ] do
                            testInFolder dtype (fun folder ->
                                read
                                    folder
                                    (NpyBytes.file 1uy (NpyBytes.header dtype false "1,") (Array.zeroCreate 64))
                                |> Expect.error ErrorKind.UnreadableFile [ "a.npy"; named; remedy; "numpy" ])
                    ]

                testInFolder "Damaged and foreign files are refused with the reason" (fun folder ->
                    let whole = plain "<f8" "2, 3" (Array.zeroCreate 48)

                    let cases =
                        [
                            [||], "does not begin"
                            "x,y\n1,2\n"B, "does not begin"
                            compressed, ".npz archive"
                            whole[..9], "ends too early"
                            whole[..40], "ends too early"
                            whole[.. whole.Length - 10], "holds 4 of the 6 values of its shape 2 x 3"
                            NpyBytes.file 9uy "{}" [||], "version 9.0"
                            NpyBytes.file 1uy "{'descr': '<f8'}" [||], "fortran_order"
                            plain "<f8" "2, -3" [||], "(2, -3)"
                            plain "<f8" "2000000000, 2000000000" [||], "2000000000"
                            plain "<f8" "99999999999," [||], "99999999999"
                        ]

                    for bytes, reason in cases do
                        read folder bytes |> Expect.error ErrorKind.UnreadableFile [ "a.npy"; reason ])

                // What the whole process allocates is counted.
                testSequenced (
                    testInFolder "A header that claims more than the file holds costs no memory" (fun folder ->
                        let before = GC.GetTotalAllocatedBytes true

                        read folder (plain "<f8" "2000000000," (Array.zeroCreate 16))
                        |> Expect.error ErrorKind.UnreadableFile [ "holds 2 of the 2000000000 values" ]

                        let allocated = GC.GetTotalAllocatedBytes true - before
                        Expect.inRange allocated (0L, 100_000_000L) "the bytes that reading allocated")
                )

                testInFolder "Archives that numpy compressed are read, scalars too" (fun folder ->
                    let arrays = Npy.readArchive (folder.Write("a.npz", compressed)) |> Outcome.get

                    let expected =
                        Map
                            [
                                "x",
                                {
                                    Shape = [| 2; 3 |]
                                    Values = [| 0.0; 0.5; 1.0; 1.5; 2.0; 2.5 |]
                                }
                                "lag", { Shape = [||]; Values = [| 0.25 |] }
                            ]

                    Expect.equal arrays expected "arrays")

                testInFolder "The same arrays give the same archive, byte for byte" (fun folder ->
                    let arrays =
                        Map
                            [
                                "x",
                                {
                                    Shape = [| 2 |]
                                    Values = [| 1.0; 2.0 |]
                                }
                                "lag", NumericArray.scalar 0.1
                            ]

                    let bytes =
                        [
                            for name in [ "a.npz"; "b.npz" ] do
                                Npy.writeArchive (folder.File name) arrays |> Outcome.get
                                File.ReadAllBytes(folder.File name)
                        ]

                    Expect.equal (bytes[1]) (bytes[0]) "bytes[1]"
                    // Two archives made within two seconds agree anyway; on another day only if the time is not in them.
                    use archive = ZipFile.OpenRead(folder.File "a.npz")

                    for entry in archive.Entries do
                        Expect.equal entry.LastWriteTime.Year 1980 "entry.LastWriteTime.Year")

                testInFolder "Damaged archives are refused, with the array that is at fault" (fun folder ->
                    let damagedPart = Array.copy compressed
                    // Within the compressed numbers of x.
                    Array.fill damagedPart 60 40 0xFFuy

                    Npy.readArchive (folder.Write("part.npz", damagedPart))
                    |> Expect.error ErrorKind.UnreadableFile [ "part.npz[x]" ]

                    for bytes in [ compressed[..200]; "text"B; [||] ] do
                        Npy.readArchive (folder.Write("cut.npz", bytes))
                        |> Expect.error ErrorKind.UnreadableFile [ "cut.npz"; "not a .npz archive" ])

                testInFolder "What cannot be written is refused and the old file stays" (fun folder ->
                    let path = folder.Write("a.npz", "old")
                    let wrong = { Shape = [| 3 |]; Values = [| 1.0 |] }
                    let right = { Shape = [| 1 |]; Values = [| 1.0 |] }
                    Npy.write path wrong |> Expect.error ErrorKind.ShapeMismatch [ "1 values"; "3" ]

                    Npy.writeArchive path (Map [ "x", wrong ])
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 values" ]

                    Npy.writeArchive path (Map [ "", right; "x", right ])
                    |> Expect.error ErrorKind.InvalidSetting [ "name" ]

                    Npy.write folder.Path right
                    |> Expect.error ErrorKind.UnwritableFile [ "folder" ]

                    Expect.equal (File.ReadAllText path) "old" "the text of the file")

                testInFolder "A shape whose size overflows is refused, also in pieces" (fun folder ->
                    for shape in
                        [
                            "2147483647, 1000000000"
                            "2147483647, 2147483647, 2147483647"
                            "4294967296, 4294967296"
                        ] do
                        let path =
                            folder.Write(
                                "a.npy",
                                NpyBytes.file 1uy (NpyBytes.header "'<f8'" false shape) (Array.zeroCreate 8)
                            )

                        Npy.read path |> Expect.error ErrorKind.UnreadableFile [ "a.npy" ]
                        NpyRows.Open path |> Expect.error ErrorKind.UnreadableFile [ "a.npy" ])

                testInFolder "A missing file is missing" (fun folder ->
                    Npy.read (folder.File "no.npy")
                    |> Expect.error ErrorKind.MissingFile [ "no.npy" ]

                    Npy.readArchive (folder.File "no.npz")
                    |> Expect.error ErrorKind.MissingFile [ "no.npz" ])
            ]
