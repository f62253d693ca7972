namespace Koopman.Tests

open System
open System.IO
open System.IO.Compression
open Expecto
open Koopman

module FilesTests =

    let private write (text: string) (stream: Stream) : unit =
        stream.Write(ReadOnlySpan(Text.Encoding.UTF8.GetBytes text))

    let private readText (stream: Stream) : Outcome<string> =
        use reader = new StreamReader(stream)
        Ok(reader.ReadToEnd())

    let private gzip (bytes: byte[]) : byte[] =
        use target = new MemoryStream()

        using (new GZipStream(target, CompressionLevel.Optimal)) (fun stream -> stream.Write(ReadOnlySpan bytes))
        target.ToArray()

    let tests: Test =
        testList
            "Files"
            [
                testInFolder "A written file holds what was written and nothing else is left beside it" (fun folder ->
                    let path = folder.File "a.txt"
                    Files.writeAtomically path (write "one") |> Outcome.get
                    Files.writeAtomically path (write "two") |> Outcome.get
                    Expect.equal (Files.read path readText |> Outcome.get) "two" "Files.read path readText"
                    Expect.equal folder.Names [ "a.txt" ] "the files in the folder")

                testInFolder "A write that fails midway leaves the old file and no part of the new one" (fun folder ->
                    let path = folder.Write("a.txt", "old")

                    Files.writeAtomically path (fun stream ->
                        write "half of the n" stream
                        raise (IOException "No space left on device : '/somewhere/temporary'"))
                    |> Expect.error ErrorKind.UnwritableFile [ "a.txt'"; "No space left on device. " ]

                    Expect.equal (File.ReadAllText path) "old" "the text of the file"
                    Expect.equal folder.Names [ "a.txt" ] "the files in the folder")

                testInFolder
                    "What a killed process left behind is removed, and what another still writes is not"
                    (fun folder ->
                        let path = folder.File "a.txt"
                        folder.Write(".koopman-0123.tmp", "half") |> ignore

                        Files.writeAtomically path (fun outer ->
                            write "outer" outer
                            Files.writeAtomically (folder.File "b.txt") (write "inner") |> Outcome.get)
                        |> Outcome.get

                        Expect.equal folder.Names [ "a.txt"; "b.txt" ] "the files in the folder"
                        Expect.equal (File.ReadAllText path) "outer" "the text of the file")

                testInFolder "Pipes are read, written and not replaced, and not waited for without end" (fun folder ->
                    if not (OperatingSystem.IsWindows()) then
                        let pipeOf (name: string) : string =
                            let pipe = folder.File name
                            use made = Diagnostics.Process.Start("mkfifo", [ pipe ])
                            made.WaitForExit()
                            pipe

                        let pipe = pipeOf "pipe"
                        let reading = Threading.Tasks.Task.Run(fun () -> Files.read pipe readText)
                        Files.writeAtomically pipe (write "through the pipe") |> Outcome.get
                        Expect.equal (reading.Result |> Outcome.get) "through the pipe" "what was read"

                        Files.read pipe readText
                        |> Expect.error
                            ErrorKind.UnreadableFile
                            [ "a pipe to which no program writes"; "Start the program" ]

                        // Not the same pipe: its other end is asked for now.
                        let pipe = pipeOf "other"

                        Files.writeAtomically pipe (write "nobody")
                        |> Expect.error
                            ErrorKind.UnwritableFile
                            [ "a pipe from which no program reads"; "Start the program" ]

                        Files.checkWritable pipe |> Outcome.get
                        Expect.equal folder.Names [ "other"; "pipe" ] "the files in the folder")

                testInFolder "Zeros that are compressed are refused before they fill the memory" (fun folder ->
                    let path = folder.File "a.csv.gz"

                    using (new GZipStream(File.Create path, CompressionLevel.Fastest)) (fun stream ->
                        let zeros = Array.zeroCreate<byte>(1 <<< 20)

                        for _ in 1..300 do
                            stream.Write(zeros, 0, zeros.Length))

                    Files.read path readText
                    |> Expect.error ErrorKind.UnreadableFile [ "unpack to"; "Unpack it yourself" ])

                testInFolder "Paths that cannot be are refused like any other" (fun folder ->
                    for path in [ ""; "a\000b"; folder.File "no/a.txt" ] do
                        Files.read path readText |> Expect.error ErrorKind.MissingFile []

                        Files.writeAtomically path (write "x")
                        |> Expect.error ErrorKind.UnwritableFile []

                    let link = folder.File "link.txt"
                    File.CreateSymbolicLink(link, folder.File "nothing.txt") |> ignore

                    match Files.read link readText with
                    | Ok _ -> failtest "Expected an error"
                    | Error error -> Expect.isFalse (error.Message.Contains "disk") error.Message)

                testInFolder "A cancelled write passes the cancellation on and leaves the old file" (fun folder ->
                    let path = folder.Write("a.txt", "old")

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            Files.writeAtomically path (fun stream ->
                                write "half" stream
                                raise (OperationCanceledException()))
                            |> ignore)
                        "a cancelled run"

                    Expect.equal (File.ReadAllText path) "old" "the text of the file"
                    Expect.equal folder.Names [ "a.txt" ] "the files in the folder")

                testInFolder "A path that cannot be written is refused, before the work and at its end" (fun folder ->
                    let full = "/dev/full"

                    let cases =
                        [
                            folder.Path, "it is a folder"
                            folder.File "no/such/a.txt", "its folder does not exist"
                            Path.Combine(folder.Write("file.txt", ""), "a.txt"), "its folder does not exist"
                            "", "Give the name of a file"
                            if Directory.Exists "/proc" then
                                "/proc/koopman.txt", "/proc/koopman.txt"
                        ]

                    for path, reason in cases do
                        Files.checkWritable path |> Expect.error ErrorKind.UnwritableFile [ reason ]

                        Files.writeAtomically path (write "x")
                        |> Expect.error ErrorKind.UnwritableFile [ reason ]

                    if File.Exists full then
                        Files.writeAtomically full (write "x")
                        |> Expect.error ErrorKind.UnwritableFile [ full; "No space left" ]

                        Expect.isTrue (File.Exists full) "File.Exists full"

                    Expect.equal folder.Names [ "file.txt" ] "the files in the folder")

                testInFolder "Asking whether a path can be written changes nothing" (fun folder ->
                    let path = folder.Write("a.txt", "old")
                    Files.checkWritable path |> Outcome.get
                    Files.checkWritable (folder.File "new.txt") |> Outcome.get
                    Expect.equal (File.ReadAllText path) "old" "the text of the file"
                    Expect.equal folder.Names [ "a.txt" ] "the files in the folder")

                testInFolder "Writing through a symbolic link keeps the link" (fun folder ->
                    let target = folder.Write("target.txt", "old")
                    let link = folder.File "link.txt"
                    File.CreateSymbolicLink(link, target) |> ignore
                    Files.writeAtomically link (write "new") |> Outcome.get
                    Expect.equal (File.ReadAllText target) "new" "the text of the file"
                    Expect.equal (FileInfo(link).LinkTarget) target "the target of the link")

                testInFolder "Gzip is undone whether the name or only the content tells of it" (fun folder ->
                    let bytes = gzip (Text.Encoding.UTF8.GetBytes "content")

                    for name in [ "a.txt.gz"; "a.txt" ] do
                        let path = folder.Write(name, bytes)
                        Expect.equal (Files.read path readText |> Outcome.get) "content" "Files.read path readText")

                testInFolder "Damaged, truncated and foreign gzip files are refused" (fun folder ->
                    let whole = gzip (Array.init 10000 (fun i -> byte (i * i / 7)))
                    let cut = folder.Write("cut.gz", whole[.. whole.Length / 2])
                    let foreign = folder.Write("foreign.gz", "plain text")

                    for path in [ cut; foreign ] do
                        Files.read path readText |> Expect.error ErrorKind.UnreadableFile [ path ])

                testInFolder "A missing file and a folder are told apart" (fun folder ->
                    let missing = folder.File "missing.txt"

                    Files.read missing readText
                    |> Expect.error ErrorKind.MissingFile [ missing; Directory.GetCurrentDirectory() ]

                    Files.read folder.Path readText
                    |> Expect.error ErrorKind.UnreadableFile [ "it is a folder" ])

                testInFolder "A reader that needs more than there is gets an error, not an exception" (fun folder ->
                    let path = folder.Write("short.bin", [| 1uy; 2uy |])

                    Files.read path (fun stream ->
                        stream.ReadExactly(Array.zeroCreate<byte>(3).AsSpan())
                        Ok())
                    |> Expect.error ErrorKind.UnreadableFile [ "ends too early" ])
            ]
