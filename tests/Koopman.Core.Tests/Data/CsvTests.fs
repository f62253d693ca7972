namespace Koopman.Tests

open System
open System.IO
open FsCheck.FSharp
open Koopman
open Xunit

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
                {
                    Columns =
                        (if named then
                             [| for i in 1..columns -> $"x {i}" |]
                         else
                             [||])
                    Values =
                        {
                            Shape = [| rows; columns |]
                            Values = values
                        }
                }
        }

    let private roundTrip (table: CsvTable) : bool =
        use folder = new TemporaryFolder()
        let path = folder.File "a.csv"
        Csv.write path table |> Expect.ok
        (Csv.read path |> Expect.ok) = table

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
        (Csv.read path |> Expect.ok).Values = table.Values

    let all: Law list =
        [
            Law.holds "csv: what is written is read back, to the last bit" table roundTrip
            Law.holds "csv: every separator is found, comments and blank lines are skipped" separated anySeparator
        ]

type CsvTests() =

    let folder = new TemporaryFolder()

    let read (text: string) : Result<CsvTable, KoopmanError> = Csv.read (folder.Write("a.csv", text))

    let write (path: string) (columns: string[]) (values: NumericArray) : Result<unit, KoopmanError> =
        Csv.write path { Columns = columns; Values = values }

    interface IDisposable with
        member _.Dispose() : unit = (folder :> IDisposable).Dispose()

    [<Theory>]
    [<InlineData("x,y\n1,2", "x|y")>]
    [<InlineData("x y\n1 2", "x|y")>]
    [<InlineData("position x; time in s\n1;2", "position x|time in s")>]
    [<InlineData("\"x, in m\",\"y\"\n1,2", "x, in m|y")>]
    [<InlineData("\uFEFFx\ty\n1\t2\n", "x|y")>]
    [<InlineData("1,2", "")>]
    member _.``The header is optional``(text: string, names: string) : unit =
        let table = read text |> Expect.ok
        Assert.Equal(names, String.Join('|', table.Columns))

        Assert.Equal<NumericArray>(
            {
                Shape = [| 1; 2 |]
                Values = [| 1.0; 2.0 |]
            },
            table.Values
        )

    [<Fact>]
    member _.``A single column may have blanks in its name``() : unit =
        let table = read "position in m\n1\n2\n" |> Expect.ok
        Assert.Equal<string[]>([| "position in m" |], table.Columns)
        Assert.Equal<int[]>([| 2; 1 |], table.Values.Shape)

    [<Fact>]
    member _.``Nan and inf are numbers``() : unit =
        let values = (read "nan,NaN,inf,-inf,Infinity,-1e3" |> Expect.ok).Values.Values
        Assert.Equal<float[]>([| nan; nan; infinity; -infinity; infinity; -1000.0 |], values)

    [<Theory>]
    [<InlineData("1,2\n\n3,4,5\n", "line 3 has 3 columns where the lines before have 2: '3 4 5'")>]
    [<InlineData("x,y\n1,2\n3\n", "line 3 has 1 columns")>]
    [<InlineData("1,2,3\n4\n", "line 2 has 1 columns")>]
    [<InlineData("# c\n1,2\n3,four\n", "line 3: column 2 is 'four'")>]
    [<InlineData("1,2\n3,\n", "line 2: column 2 is empty")>]
    [<InlineData("1;2\n3;4,5\n", "Write decimals with a point")>]
    [<InlineData("1,x\n2,3\n", "line 1: column 2 is 'x'")>]
    [<InlineData("x,y\n", "holds only 'x,y'")>]
    [<InlineData("# nothing\n\n", "is empty")>]
    [<InlineData("PK\000\001", "is not a text file")>]
    member _.``What is wrong is shown with its place``(text: string, words: string) : unit =
        read text |> Expect.error ErrorKind.UnreadableFile [ "a.csv"; words ]

    [<Fact>]
    member _.``A long wrong field is shown short and without control characters``() : unit =
        match read ("1\n" + "\u0007" + String('a', 500)) with
        | Ok _ -> Assert.Fail "Expected an error"
        | Error error ->
            Assert.Contains("'?" + String('a', 39) + "...'", error.Cause)
            Assert.DoesNotContain("\u0007", error.Cause)

    [<Fact>]
    member _.``A vector is written as one column``() : unit =
        let path = folder.File "v.csv"

        write
            path
            [| "x" |]
            {
                Shape = [| 2 |]
                Values = [| 0.1; -3.0 |]
            }
        |> Expect.ok

        Assert.Equal("x\n0.1\n-3\n", File.ReadAllText path)

    [<Fact>]
    member _.``What cannot be written is refused and the old file stays``() : unit =
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

        Assert.Equal("old", File.ReadAllText path)
