namespace Koopman.Tests

open System
open System.IO
open Expecto
open FsCheck.FSharp
open Koopman

module CsvLaws =

    let private table =
        gen {
            let! rows = Gen.choose (1, 6)
            let! columns = Gen.choose (1, 4)
            let! named = Gen.elements [ true; false ]

            let! values =
                Gen.arrayOfLength
                    (rows * columns)
                    (Gen.frequency [ 9, Generate.number; 1, Gen.elements [ infinity; -infinity ] ])

            return
                Csv.table
                    (if named then
                         [| for i in 1..columns -> $"x {i}" |]
                     else
                         [||])
                    {
                        Shape = [| rows; columns |]
                        Values = values
                    }
        }

    let private roundTrip (table: CsvTable) : bool =
        use folder = new TemporaryFolder()
        let path = folder.File "a.csv"
        Csv.write path table |> Outcome.get
        let back = Csv.read path |> Outcome.get
        back.Columns = table.Columns && back.Values = table.Values

    let private separated =
        Gen.zip (Gen.elements [ ","; ", "; ";"; " ; "; "\t"; " "; "   " ]) table

    let private anySeparator (separator: string, table: CsvTable) : bool =
        use folder = new TemporaryFolder()

        let lines =
            [
                "# a comment"
                ""
                for row in Array.chunkBySize table.Values.Shape[1] table.Values.Values do
                    String.Join(separator, row |> Array.map (fun x -> x.ToString "R"))
                    + "  # said here"
            ]

        let path = folder.Write("a.csv", String.Join("\r\n", lines))
        (Csv.read path |> Outcome.get).Values = table.Values

    let tests: Test =
        testList
            "Csv laws"
            [
                Law.holds "csv: what is written is read back, to the last bit" table roundTrip
                Law.holds "csv: every separator is found, comments and blank lines are skipped" separated anySeparator
            ]

module CsvTests =

    let private read (folder: TemporaryFolder) (text: string) : Outcome<CsvTable> =
        Csv.read (folder.Write("a.csv", text))

    let private write (path: string) (columns: string[]) (values: NumericArray) : Outcome<unit> =
        Csv.write path (Csv.table columns values)

    let tests: Test =
        testList
            "Csv"
            [
                testList
                    "The header is optional"
                    [
                        for form, text, names in
                            [
                                "commas", "x,y\n1,2", "x|y"
                                "blanks", "x y\n1 2", "x|y"
                                "semicolons", "position x; time in s\n1;2", "position x|time in s"
                                "quotes", "\"x, in m\",\"y\"\n1,2", "x, in m|y"
                                "tabs after a byte order mark", "\uFEFFx\ty\n1\t2\n", "x|y"
                                "no names", "1,2", ""
                            ] do
                            testInFolder form (fun folder ->
                                let table = read folder text |> Outcome.get
                                Expect.equal (String.Join('|', table.Columns)) names "the names of the columns"

                                Expect.equal
                                    table.Values
                                    {
                                        Shape = [| 1; 2 |]
                                        Values = [| 1.0; 2.0 |]
                                    }
                                    "table.Values")
                    ]

                testInFolder "A single column may have blanks in its name" (fun folder ->
                    let table = read folder "position in m\n1\n2\n" |> Outcome.get
                    Expect.equal table.Columns [| "position in m" |] "table.Columns"
                    Expect.equal table.Values.Shape [| 2; 1 |] "table.Values.Shape")

                testInFolder "Nan and inf are numbers" (fun folder ->
                    let values =
                        (read folder "nan,NaN,inf,-inf,Infinity,-1e3" |> Outcome.get).Values.Values

                    Expect.equal
                        (Array.map string values)
                        [| "NaN"; "NaN"; "Infinity"; "-Infinity"; "Infinity"; "-1000" |]
                        "values")

                testList
                    "What is wrong is shown with its place"
                    [
                        for text, words in
                            [
                                "1,2\n\n3,4,5\n", "line 3 has 3 columns where the lines before have 2: '3 4 5'"
                                "x,y\n1,2\n3\n", "line 3 has 1 columns"
                                "1,2,3\n4\n", "line 2 has 1 columns"
                                "# c\n1,2\n3,four\n", "line 3: column 2 is 'four'"
                                "1.5;2\n3;4,5\n", "decimal commas and decimal points, first both by line 2"
                                "1;2\n3;1.4,5\n", "line 2: column 2 is '1.4,5'"
                                "x,y\n", "holds only 'x,y'"
                                "# nothing\n\n", "is empty"
                                "PK\000\001", "is not a text file"
                            ] do
                            testInFolder words (fun folder ->
                                read folder text |> Expect.error ErrorKind.UnreadableFile [ "a.csv"; words ])
                    ]

                testList
                    "Tables as programs write them"
                    [
                        for form, text, names, values in
                            [
                                "decimal commas", "t;a\n0,5;1\n1;2,25\n", "t|a", [ 0.5; 1.0; 1.0; 2.25 ]
                                "decimal commas between tabs", "0,5\t1\n1\t-2,25e1\n", "", [ 0.5; 1.0; 1.0; -22.5 ]
                                "a row of units", "t,a,b\ns,[m],\n0,1,2\n1,3,4\n", "t [s]|a [m]|b", [ 0; 1; 2; 1; 3; 4 ]
                                "a preamble",
                                "Logger 7 of the lab\nDate: 2024-01-01\n\nt;a\n0;1\n1;2\n",
                                "t|a",
                                [ 0; 1; 1; 2 ]
                                "a preamble with as many fields",
                                "Device;X\nNo. of runs;2\nt;a;b\n0;1;2\n1;3;4\n",
                                "t|a|b",
                                [ 0; 1; 2; 1; 3; 4 ]
                                "separators at the ends", "t,a,\n0,1,\n1,2,\n", "t|a", [ 0; 1; 1; 2 ]
                                "separators at the ends of the rows only", "t,a\n0,1,\n1,2,\n", "t|a", [ 0; 1; 1; 2 ]
                                "dates",
                                "date,a\n2024-02-29T12:00:00Z,1\n2024-02-29 12:00:00.5Z,2\n",
                                "date|a",
                                [ 0.0; 1.0; 0.5; 2.0 ]
                                "words", "id,a\nb,1\na,2\nb,3\n", "id|a", [ 0; 1; 1; 2; 0; 3 ]
                                "an index and numbered columns",
                                ",0,1\n0,1.5,2\n1,3,4\n",
                                "|0|1",
                                [ 0.0; 1.5; 2.0; 1.0; 3.0; 4.0 ]
                            ] do
                            testInFolder form (fun folder ->
                                let table = read folder text |> Outcome.get
                                Expect.equal (String.Join('|', table.Columns)) names "the names of the columns"
                                Expect.equal table.Values.Values (Array.ofList values) "table.Values")
                    ]

                testInFolder "What is missing is NaN, with the line it is in" (fun folder ->
                    let table = read folder "a,b\n\n1,NA\n,2\nnull,N/A\nnan,None\n" |> Outcome.get

                    Expect.equal
                        (table.Values.Values |> Array.map Double.IsNaN)
                        [| false; true; true; false; true; true; true; true |]
                        "the missing values"

                    Expect.equal table.Lines [| 3; 4; 5; 6 |] "table.Lines")

                testInFolder "A long wrong field is shown short and without control characters" (fun folder ->
                    match read folder ("1\n" + "\u0007" + String('a', 500)) with
                    | Ok _ -> failtest "Expected an error"
                    | Error error ->
                        Expect.stringContains error.Cause ("'?" + String('a', 39) + "...'") "error.Cause"
                        Expect.isFalse (error.Cause.Contains "\u0007") "error.Cause.Contains '\\u0007'")

                testInFolder "A vector is written as one column" (fun folder ->
                    let path = folder.File "v.csv"

                    write
                        path
                        [| "x" |]
                        {
                            Shape = [| 2 |]
                            Values = [| 0.1; -3.0 |]
                        }
                    |> Outcome.get

                    Expect.equal (File.ReadAllText path) "x\n0.1\n-3\n" "the text of the file")

                testInFolder "What cannot be written is refused and the old file stays" (fun folder ->
                    let path = folder.Write("a.csv", "old")

                    let square: NumericArray =
                        {
                            Shape = [| 2; 2 |]
                            Values = [| 1.0; 2.0; 3.0; 4.0 |]
                        }

                    let cube: NumericArray =
                        {
                            Shape = [| 1; 2; 2 |]
                            Values = square.Values
                        }

                    write path [||] cube |> Expect.error ErrorKind.ShapeMismatch [ "1 x 2 x 2" ]

                    write path [||] { square with Shape = [| 2; 3 |] }
                    |> Expect.error ErrorKind.ShapeMismatch [ "4 values" ]

                    write path [| "x" |] square
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 names for 2 columns" ]

                    for name in [ ""; "1.5"; "nan"; "a,b"; "a\nb"; " a" ] do
                        write path [| "x"; name |] square
                        |> Expect.error ErrorKind.InvalidSetting [ "name" ]

                    write (folder.File "no/a.csv") [||] square
                    |> Expect.error ErrorKind.UnwritableFile [ "folder" ]

                    Expect.equal (File.ReadAllText path) "old" "the text of the file")
            ]
