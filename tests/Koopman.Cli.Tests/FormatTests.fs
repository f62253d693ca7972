namespace Koopman.Cli.Tests

open System
open System.IO
open System.Text
open System.Text.Json
open System.Threading
open Apache.Arrow
open Apache.Arrow.Compression
open Apache.Arrow.Ipc
open Apache.Arrow.Types
open Expecto
open Koopman
open Koopman.Formats
open Koopman.Tests
open Parquet
open Parquet.Schema
open PureHDF

/// Files of other formats, written here by the libraries of these formats, or byte by byte.
module FormatTests =

    let private times: float[] = [| for k in 0..119 -> 0.05 * float k |]

    /// e^{-.1t} cos 2t and e^{-.1t} sin 2t.
    let private first, private second =
        times |> Array.map (fun t -> exp (-0.1 * t) * cos (2.0 * t)),
        times |> Array.map (fun t -> exp (-0.1 * t) * sin (2.0 * t))

    let private states: float[,] =
        Array2D.init times.Length 2 (fun row column -> if column = 0 then first[row] else second[row])

    let private options: ReadOptions =
        { Dataset.defaults with
            Formats = FileFormats.all
        }

    let private write (path: string) (entries: (string * objnull) list) : unit =
        let file = H5File()

        for name, value in entries do
            file.Add(name, nonNull value)

        file.Write path

    let private parquet
        (path: string)
        (columns: (DataField * (ParquetRowGroupWriter -> DataField -> unit)) list)
        : unit =
        use stream = File.Create path

        let schema =
            ParquetSchema(columns |> List.map (fun (field, _) -> field :> Field) |> Array.ofList)

        let writer = ParquetWriter.CreateAsync(schema, stream).GetAwaiter().GetResult()

        // Two groups of rows.
        for _ in 1..2 do
            use group = writer.CreateRowGroup()

            for field, write in columns do
                write group field

        writer.DisposeAsync().AsTask().GetAwaiter().GetResult()

    let private column<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (name: string)
        (values: 'T[])
        : DataField * (ParquetRowGroupWriter -> DataField -> unit) =
        let mutable part = 0

        DataField(name, typeof<'T>, Nullable false),
        fun group field ->
            let half = values.Length / 2
            let some = Array.sub values (part * half) half
            part <- part + 1
            group.WriteAsync<'T>(field, ReadOnlyMemory some).GetAwaiter().GetResult()

    let private batch: RecordBatch =
        let stamps =
            let builder = TimestampArray.Builder(TimestampType(TimeUnit.Nanosecond, "UTC"))

            for t in times do
                builder.Append(DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds t)
                |> ignore

            builder.Build()

        RecordBatch
            .Builder()
            .Append("stamp", false, stamps)
            .Append("a", false, fun columns -> columns.Double(fun array -> array.AppendRange first |> ignore))
            .Append(
                "b",
                false,
                fun columns -> columns.Float(fun array -> array.AppendRange(Array.map float32 second) |> ignore)
            )
            .Append(
                "words",
                false,
                fun columns ->
                    columns.String(fun array -> array.AppendRange(times |> Array.map (fun _ -> "w")) |> ignore)
            )
            .Build()

    let private arrow (path: string) (compression: CompressionCodecType option) : unit =
        use stream = File.Create path

        let written =
            match compression with
            | None -> IpcOptions()
            | Some codec ->
                IpcOptions(CompressionCodec = Nullable codec, CompressionCodecFactory = CompressionCodecFactory())

        use writer = new ArrowFileWriter(stream, batch.Schema, false, written)
        writer.WriteRecordBatch batch
        writer.WriteEnd()

    /// The trajectory of the spiral, with these words in what was understood.
    let private spiral (words: string list) (options: ReadOptions) (path: string) : unit =
        let struct (found, understood) =
            Dataset.readTrajectoriesWith options path |> Outcome.get

        use found = found
        let values = Tensors.toArray found.States.Points

        let expected =
            [|
                for row in 0 .. times.Length - 1 do
                    yield first[row]
                    yield second[row]
            |]

        Expect.equal values.Length expected.Length "the number of values"

        let largest = Array.map2 (fun a b -> abs (a - b)) values expected |> Array.max

        Expect.isLessThan largest 1e-7 "the largest difference"
        Expect.isLessThan (abs (found.Step.Value - 0.05)) 1e-9 "the step"

        for word in words do
            Expect.stringContains (string understood) word "what was understood"

    let private refused (words: string list) (path: string) : unit =
        Dataset.readWith options path |> Expect.error ErrorKind.UnreadableFile words

    /// A user's file and the words of its interpretation.
    let private kinds: (string * string * (string -> unit) * ReadOptions * string list) list =
        let doubles = MatWriter.doubles false
        let all = List.ofArray (Array.append first second)

        let mat (elements: byte[] list) (path: string) =
            File.WriteAllBytes(path, MatWriter.file false elements)

        [
            "HDF5 with x and lag",
            "a.h5",
            (fun path -> write path [ "x", states; "lag", 0.05 ]),
            options,
            [ "times from `lag`" ]
            "HDF5 with one array and times",
            "a.hdf5",
            (fun path -> write path [ "data", states; "time", times ]),
            options,
            [ "x from `data`"; "times from `time`" ]
            "HDF5 with arrays in groups",
            "a.hdf5",
            (fun path ->
                let group = H5Group()
                group.Add("z", Array2D.map float32 states)
                write path [ "run", group; "other", [| 1; 2; 3 |]; "dt", 0.05 ]),
            { options with Columns = [ "run/z" ] },
            [ "x from `run/z`" ]
            "HDF5 whose arrays are columns",
            "a.h5",
            (fun path -> write path [ "t", times; "p", first; "q", second; "text", [| "a" |] ]),
            options,
            [ "2 states (p, q)"; "times from column `t`"; "`text` (text or lists)" ]
            "NetCDF with packed numbers",
            "a.nc",
            (fun path ->
                let packed = H5Dataset(first |> Array.map (fun v -> int (round (v * 1e9))))
                packed.Attributes["scale_factor"] <- 1e-9
                write path [ "time", times; "p", packed; "q", second ]),
            options,
            [ "2 states (p, q)" ]
            "MATLAB 5, plain",
            "a.mat",
            mat
                [
                    doubles "x" [ 120; 2 ] all
                    doubles "lag" [ 1; 1 ] [ 0.05 ]
                    MatWriter.text "note" "hello"
                ],
            options,
            [ "times from `lag`"; "`note` (text)" ]
            "MATLAB 5, compressed, of an ode45 call",
            "a.mat",
            mat
                [
                    MatWriter.compressed (doubles "t" [ 120; 1 ] (List.ofArray times))
                    MatWriter.compressed (doubles "y" [ 120; 2 ] all)
                ],
            options,
            [ "x from `y`"; "times from `t`" ]
            "MATLAB 5, big-endian, of row vectors",
            "a.mat",
            (fun path ->
                File.WriteAllBytes(
                    path,
                    MatWriter.file
                        true
                        [
                            MatWriter.doubles true "t" [ 1; 120 ] (List.ofArray times)
                            MatWriter.doubles true "p" [ 1; 120 ] (List.ofArray first)
                            MatWriter.doubles true "q" [ 1; 120 ] (List.ofArray second)
                        ]
                )),
            options,
            [ "2 states (p, q)"; "times from column `t`" ]
            "MATLAB 5, a structure",
            "a.mat",
            mat
                [
                    MatWriter.structure "run" [ "z", doubles "" [ 120; 2 ] all; "dt", doubles "" [ 1; 1 ] [ 0.05 ] ]
                    MatWriter.complex "c" [ 1.0; 2.0 ]
                ],
            { options with
                Columns = [ "run.z" ]
                Lag = Some 0.05
            },
            [ "x from `run.z`"; "`c` (complex" ]
            "MATLAB 7.3",
            "a.mat",
            (fun path ->
                // MATLAB's axes are those of HDF5 in the opposite order.
                let turned = Array2D.init 2 120 (fun column row -> states[row, column])
                let file = H5File()
                file.Add("x", turned)
                file.Add("lag", Array2D.create 1 1 0.05)
                use content = new MemoryStream()
                file.Write(content, H5WriteOptions(UserBlockSize = 512UL))
                let bytes = content.ToArray()
                Encoding.ASCII.GetBytes("MATLAB 7.3 MAT-file, Platform: GLNXA64").CopyTo(bytes, 0)
                File.WriteAllBytes(path, bytes)),
            options,
            [ "axes in MATLAB's order"; "times from `lag`" ]
            "Parquet",
            "a.parquet",
            (fun path -> parquet path [ column "time" times; column "p" first; column "q" (Array.map float32 second) ]),
            options,
            [ "2 states (p, q)"; "times from column `time`" ]
            "Parquet with dates",
            "a.parquet",
            (fun path ->
                let stamps =
                    times
                    |> Array.map (fun t -> DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(1000.0 * t))

                parquet path [ column "when" stamps; column "p" first; column "q" second ]),
            options,
            [ "2 states (p, q)"; "times from the dates in `when` [s]" ]
            "Feather",
            "a.feather",
            (fun path -> arrow path None),
            { options with Columns = [ "a"; "b" ] },
            [ "times from the dates in `stamp` [s]" ]
            "Feather, compressed by LZ4, under another ending",
            "a.data",
            (fun path -> arrow path (Some CompressionCodecType.Lz4Frame)),
            { options with Columns = [ "a"; "b" ] },
            [ "2 states (a, b)" ]
            "Arrow stream, compressed by Zstandard",
            "a.arrows",
            (fun path ->
                use stream = File.Create path

                use writer =
                    new ArrowStreamWriter(
                        stream,
                        batch.Schema,
                        false,
                        IpcOptions(
                            CompressionCodec = Nullable CompressionCodecType.Zstd,
                            CompressionCodecFactory = CompressionCodecFactory()
                        )
                    )

                writer.WriteRecordBatch batch
                writer.WriteEnd()),
            { options with Columns = [ "a"; "b" ] },
            [ "2 states (a, b)" ]
        ]

    /// Changes of a file that a disk or an attacker might make: cut, overwritten, and every length in its first bytes made large.
    let private damaged (seed: int) (bytes: byte[]) : byte[] seq =
        let draw = Random seed

        seq {
            for _ in 1..12 do
                Array.sub bytes 0 (draw.Next bytes.Length)

            for _ in 1..60 do
                let changed = Array.copy bytes

                for _ in 0 .. draw.Next 4 do
                    changed[draw.Next(min bytes.Length 4096)] <- byte (draw.Next 256)

                changed

            for at in 0..8 .. min 512 (bytes.Length - 8) do
                let changed = Array.copy bytes
                BitConverter.GetBytes(0x7FFFFFF0).CopyTo(changed, at + 4)
                changed
        }

    let tests: Test =
        testList
            "Formats"
            [
                testList
                    "are read like archives and tables of the library's own"
                    [
                        for name, file, make, options, words in kinds do
                            testInFolder name (fun folder ->
                                let path = folder.File file
                                make path
                                spiral words options path)
                    ]

                testList
                    "that are damaged are refused in one sentence, with bounded memory"
                    [
                        for index, (name, file, make, options, _) in List.indexed kinds do
                            testInFolder name (fun folder ->
                                let path = folder.File file
                                make path
                                let before = live ()
                                let whole = File.ReadAllBytes path
                                let mutable refusals = 0

                                for bytes in damaged index whole do
                                    File.WriteAllBytes(path, bytes)
                                    let start = GC.GetTotalAllocatedBytes true

                                    match Dataset.readWith options path with
                                    | Ok(struct (dataset, _)) -> (dataset :> IDisposable).Dispose()
                                    | Error error ->
                                        refusals <- refusals + 1
                                        Expect.isFalse (error.Message.Contains '\n') error.Message

                                    let taken = GC.GetTotalAllocatedBytes true - start
                                    Expect.isLessThan taken 1_200_000_000L "the bytes that were allocated"

                                Expect.isGreaterThan refusals 10 "the number of refusals"
                                Expect.equal (live ()) before "live tensors")
                    ]

                testInFolder
                    "of Arrow that claim more rows than they can hold are refused before these are made"
                    (fun folder ->
                        let path = folder.File "a.feather"
                        arrow path None
                        let whole = File.ReadAllBytes path
                        let rows = BitConverter.GetBytes(int64 times.Length)
                        let claimed = BitConverter.GetBytes(1L <<< 27)

                        let places =
                            [
                                for at in 0 .. whole.Length - 8 do
                                    if whole.AsSpan(at, 8).SequenceEqual(ReadOnlySpan rows) then
                                        at
                            ]

                        // The batch and each of its columns say their length.
                        Expect.isGreaterThan places.Length 2 "the places"

                        for changed in places :: List.map List.singleton places do
                            let bytes = Array.copy whole
                            changed |> List.iter (fun at -> Array.blit claimed 0 bytes at 8)
                            File.WriteAllBytes(path, bytes)
                            let start = GC.GetTotalAllocatedBytes true
                            let outcome = Dataset.readWith options path
                            let taken = GC.GetTotalAllocatedBytes true - start
                            outcome |> Expect.error ErrorKind.UnreadableFile [ "a.feather" ]
                            Expect.isLessThan taken 50_000_000L "the bytes that were allocated")

                testInFolder "of HDF5 whose links lead in a circle are refused, and others are followed" (fun folder ->
                    let path = folder.File "a.h5"
                    write path [ "x", states; "times", times ]
                    let bytes = File.ReadAllBytes path
                    // A message of a hard link to x: its kind, size, version, flags, character set and the length of its name.
                    let message = [| 1uy; 0x12uy; 1uy; 1uy; 0uy; 0uy; 0uy; byte 'x' |]

                    let at =
                        Seq.init (bytes.Length - 8) id
                        |> Seq.find (fun at -> bytes.AsSpan(at, 8).SequenceEqual(ReadOnlySpan message))

                    // A symbolic one without a name or a path, as a disk once left it.
                    bytes[at + 1] <- 0xCCuy
                    File.WriteAllBytes(path, bytes)

                    Dataset.readWith options path
                    |> Expect.error ErrorKind.UnreadableFile [ "a.h5"; "leads back to itself" ]

                    let whole = folder.File "b.h5"
                    write whole [ "x", states; "times", times ]
                    spiral [ "2 states" ] options whole)

                testInFolder "under the ending of another are told from what they are" (fun folder ->
                    let csv = folder.Write("a.parquet", "a,b\n1,2\n")
                    refused [ "a.parquet"; "does not begin like a file of Parquet" ] csv
                    let text = folder.Write("a.mat", "1 2 3\n4 5 6\n")
                    refused [ "does not begin like a file of MATLAB" ] text
                    let classic = folder.Write("a.nc", Array.append "CDF\001"B (Array.zeroCreate 100))
                    refused [ "does not begin like a file of NetCDF-4" ] classic
                    let empty = folder.Write("a.feather", Array.empty<byte>)
                    refused [ "does not begin like a file of Arrow" ] empty

                    Dataset.readWith options (folder.File "none.h5")
                    |> Expect.error ErrorKind.MissingFile [ "none.h5" ])

                testInFolder "without their package are refused with its name" (fun folder ->
                    let path = folder.File "a.h5"
                    write path [ "x", states; "lag", 0.05 ]

                    Dataset.readWith Dataset.defaults path
                    |> Expect.error
                        ErrorKind.UnreadableFile
                        [ "Koopman.Formats"; "FileFormats.all"; "FileFormats.All" ])

                testInFolder "with nothing to read say what they hold" (fun folder ->
                    let path = folder.File "a.h5"
                    write path [ "text", [| "a"; "b" |] ]
                    refused [ "no arrays of numbers"; "`text` (text or lists)" ] path

                    let mat =
                        folder.Write("a.mat", MatWriter.file false [ MatWriter.text "note" "hello" ])

                    refused [ "no arrays of real numbers"; "`note` (text)" ] mat
                    let several = folder.File "b.h5"
                    write several [ "a", states; "b", Array2D.init 60 3 (fun i j -> float (i + j)) ]
                    refused [ "it holds: a, b"; "ReadOptions.Columns" ] several)

                testInFolder "keep missing values missing" (fun folder ->
                    let path = folder.File "a.nc"
                    let packed = H5Dataset([| 1s; 2s; -99s; 4s; 5s |])
                    packed.Attributes["_FillValue"] <- [| -99s |]
                    packed.Attributes["add_offset"] <- 0.5

                    write
                        path
                        [
                            "time", [| 0.0; 1.0; 2.0; 3.0; 4.0 |]
                            "p", packed
                            "q", [| 5.0; 4.0; 3.0; 2.0; 2.0 |]
                        ]

                    Dataset.readWith options path
                    |> Expect.error ErrorKind.NotFinite [ "p is missing (NaN) in row 2" ]

                    use cut =
                        Dataset.readTrajectoriesWith
                            { options with
                                Missing = MissingValues.Cut
                            }
                            path
                        |> Outcome.get
                        |> fun (struct (found, _)) -> found

                    Expect.equal
                        (Tensors.toArray cut.States.Points)
                        [| 1.5; 5.0; 2.5; 4.0; 4.5; 2.0; 5.5; 2.0 |]
                        "the states")

                testInFolder "of integers stored as bytes by MATLAB are numbers" (fun folder ->
                    let path =
                        folder.Write(
                            "a.mat",
                            MatWriter.file
                                false
                                [
                                    MatWriter.bytes "x" [ 3; 2 ] [ 1uy; 2uy; 3uy; 4uy; 5uy; 6uy ]
                                    MatWriter.bytes "lag" [ 1; 1 ] [ 2uy ]
                                ]
                        )

                    use found =
                        Dataset.readTrajectoriesWith options path
                        |> Outcome.get
                        |> fun (struct (found, _)) -> found

                    Expect.equal (Tensors.toArray found.States.Points) [| 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 |] "the states"
                    Expect.equal found.Step (Some 2.0) "the step")

                testInFolder "that would unpack to more than a machine has are refused" (fun folder ->
                    // A matrix of zeros, compressed: 400 MB in 400 kB.
                    let rows = 25_000_000
                    let head = MatWriter.doubles false "x" [ rows; 2 ] []
                    let inner = Array.append head (Array.zeroCreate (16 * rows))
                    BitConverter.GetBytes(inner.Length - 8).CopyTo(inner, 4)
                    BitConverter.GetBytes(16 * rows).CopyTo(inner, head.Length - 4)

                    let path =
                        folder.Write("a.mat", MatWriter.file false [ MatWriter.compressed inner ])

                    Expect.isLessThan (FileInfo(path).Length) 2_000_000L "the length of the file"
                    refused [ "unpack to 400000000" ] path
                    // A data set that claims fifty million numbers instead of twelve.
                    let hdf = folder.File "a.h5"
                    write hdf [ "x", box [| 1.0 .. 12.0 |] ]
                    let bytes = File.ReadAllBytes hdf

                    for at in 0 .. bytes.Length - 8 do
                        if BitConverter.ToInt64(bytes, at) = 12L then
                            BitConverter.GetBytes(50_000_000L).CopyTo(bytes, at)

                    File.WriteAllBytes(hdf, bytes)
                    refused [ "unpack to 400000000" ] hdf)

                testInFolder "of Parquet end in an error where their metadata do not end" (fun folder ->
                    let path = folder.File "a.parquet"
                    parquet path [ column "a" first ]
                    let whole = File.ReadAllBytes path
                    let footer = whole.Length - 8 - BitConverter.ToInt32(whole, whole.Length - 8)

                    let refusedAs (words: string list) (bytes: byte[]) =
                        File.WriteAllBytes(path, bytes)
                        refused words path

                    let replaced (changes: (int * byte) list) =
                        let bytes = Array.copy whole

                        for at, value in changes do
                            bytes[at] <- value

                        bytes

                    // The byte that ends the footer: numbers then went on beyond it for ever.
                    refusedAs [ "metadata" ] (replaced [ whole.Length - 9, 0xE8uy ])
                    refusedAs [ "metadata" ] (replaced [ whole.Length - 9, 0x10uy ])
                    // The first page begins by its kind and two sizes, each with the sign in the last bit of its first byte.
                    Expect.equal whole[4..6] [| 0x15uy; 0x00uy; 0x15uy |] "the header of a page"
                    refusedAs [ "a size of a page is negative" ] (replaced [ 7, whole[7] ||| 1uy ])
                    let packed = 7 + (whole[7..] |> Array.findIndex (fun value -> value < 0x80uy)) + 2
                    refusedAs [ "a page exceeds the file" ] (replaced [ packed, whole[packed] ||| 1uy ])

                    let withFooter (content: byte[]) =
                        Array.concat [ whole[.. footer - 1]; content; BitConverter.GetBytes content.Length; "PAR1"B ]

                    // A schema of so many columns within each other, and lists within each other in a field that has no meaning.
                    let column = [| 0x48uy; 1uy; byte 'a'; 0x15uy; 2uy; 0uy |]

                    Array.concat
                        [
                            [| 0x15uy; 2uy; 0x19uy; 0xFCuy; 0xA0uy; 0x8Duy; 6uy |]
                            Array.concat (Array.replicate 100_000 column)
                            [| 0x16uy; 0uy; 0x19uy; 0x0Cuy; 0uy |]
                        ]
                    |> withFooter
                    |> refusedAs [ "its schema is no tree" ]

                    Array.append [| 0xF9uy |] (Array.replicate 100_000 0x19uy)
                    |> withFooter
                    |> refusedAs [ "an unknown kind" ]

                    // One bit of each byte, and a third of the footer's.
                    for bit in 0 .. 8 * whole.Length - 1 do
                        if bit / 8 % 8 = bit % 8 || (bit / 8 >= footer && bit % 3 = 0) then
                            let bytes = replaced [ bit / 8, whole[bit / 8] ^^^ (1uy <<< bit % 8) ]
                            File.WriteAllBytes(path, bytes)

                            match Dataset.readWith options path with
                            | Ok(struct (dataset, _)) -> (dataset :> IDisposable).Dispose()
                            | Error error -> Expect.isFalse (error.Message.Contains '\n') error.Message)

                testInFolder "are read by the tool" (fun folder ->
                    for _, file, make, options, words in kinds do
                        let path = folder.File file
                        make path
                        let json = folder.File "spectrum.json"

                        let columns =
                            if options.Columns.IsEmpty then
                                []
                            else
                                [ "--columns"; String.Join(",", options.Columns) ]

                        let lag = if options.Lag.IsSome then [ "--lag"; "0.05" ] else []

                        let code, out, error =
                            Tool.run ([ "spectrum"; path; "--estimator"; "dmd"; "--json"; json ] @ columns @ lag)

                        Expect.equal code 0 error

                        for word in words do
                            Expect.stringContains ((out.Split '\n')[0]) word "the first line"

                        use document = JsonDocument.Parse(File.ReadAllText json)

                        let modes =
                            [
                                for mode in document.RootElement.GetProperty("modes").EnumerateArray() ->
                                    mode.GetProperty("rate").GetDouble(),
                                    abs (mode.GetProperty("frequency").GetDouble())
                            ]

                        Expect.exists
                            modes
                            (fun (rate, frequency) -> abs (rate - 0.1) < 1e-3 && abs (frequency - 2.0) < 1e-3)
                            $"a mode at .1 + 2i among {modes}"

                        File.Delete path)
            ]
