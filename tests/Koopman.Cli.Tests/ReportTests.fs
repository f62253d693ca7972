module Koopman.Cli.Tests.ReportTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Koopman
open Koopman.Cli.Reporting
open Xunit

let private hostile = "</script><script>alert('x')</script> & <b>"

let private plot =
    Plot.create
        hostile
        (Axis.linear hostile)
        (Axis.logarithmic "y" |> Axis.between 0.01 100.0)
        [
            Trace.Points(hostile, [| 1.0; nan; 3.0 |], [| 1.0; 2.0; infinity |])
            Trace.Dashed("expected", [| 1.0; 2.0 |], [| 1.0 / 3.0; 1e-300 |])
        ]

let private report (blocks: Block list) : Report =
    {
        Title = hostile
        Subtitle = hostile
        Sections = [ { Heading = hostile; Blocks = blocks } ]
        Provenance =
            {
                Command = "koopman demo " + hostile
                Seed = Some 7L
                Environment = [ "koopman", "0.1.0" ]
                Date = DateTimeOffset(2026, 3, 4, 5, 6, 0, TimeSpan.Zero)
            }
    }

let private table (rows: Cell list list) : Block =
    Block.Table
        {
            Caption = hostile
            Columns = [ "name", Alignment.Left; "value", Alignment.Right ]
            Rows = rows
        }

let private everything =
    [
        Block.Paragraph hostile
        table [ [ Cell.text hostile; Cell.judged false "0.87" ] ]
        Block.Beside [ Block.Plot plot; Block.Plot plot ]
        Block.Images
            {
                Caption = "digits"
                Height = 1
                Width = 2
                Images = [ [| 0.0; 1.0 |]; [| 1.0; 0.0 |] ]
                Across = 2
            }
    ]

/// Layout and data of the first plot on a page, as a browser's parser would cut them out.
let private plotOnPage (page: string) : JsonElement =
    let found =
        Regex.Match(page, "<script type=\"application/json\">(.*?)</script>", RegexOptions.Singleline)

    JsonDocument.Parse(found.Groups[1].Value).RootElement

/// The value at a path of names and numbers: <c>at "data 0 x 1" root</c>.
let private at (path: string) (root: JsonElement) : JsonElement =
    let step (node: JsonElement) (name: string) =
        match Int32.TryParse name with
        | true, index -> node[index]
        | _ -> node.GetProperty name

    Array.fold step root (path.Split ' ')

[<Fact>]
let ``text never becomes mark-up`` () =
    let page = Html.page (report everything)
    Assert.DoesNotContain("alert('x')", page)
    Assert.DoesNotContain("<b>", page)
    // The two plots' data, the library and our own script; nothing else can run.
    Assert.Equal(4, Regex.Matches(page, "</script>").Count)

[<Fact>]
let ``the data of a plot survive the way through the page`` () =
    let drawn = plotOnPage (Html.page (report [ Block.Plot plot ]))
    let number path = (at path drawn).GetDouble()
    Assert.Equal(hostile, (at "data 0 name" drawn).GetString())
    Assert.Equal(hostile, (at "layout xaxis title text" drawn).GetString())
    Assert.Equal(3.0, number "data 0 x 2")
    // JSON has neither NaN nor infinity: both are gaps.
    Assert.Equal(JsonValueKind.Null, (at "data 0 x 1" drawn).ValueKind)
    Assert.Equal(JsonValueKind.Null, (at "data 0 y 2" drawn).ValueKind)
    Assert.Equal(0.3333333, number "data 1 y 0")
    Assert.Equal(1e-300, number "data 1 y 1")

[<Fact>]
let ``a logarithmic range is given in exponents`` () =
    let axis = plotOnPage (Html.page (report [ Block.Plot plot ])) |> at "layout yaxis"

    Assert.Equal("log", (at "type" axis).GetString())
    Assert.Equal(-2.0, (at "range 0" axis).GetDouble(), 12)
    Assert.Equal(2.0, (at "range 1" axis).GetDouble(), 12)

[<Fact>]
let ``a colour scale is symmetric exactly when values have both signs`` () =
    let scale (values: float[]) : JsonElement =
        let plot =
            Plot.create "" (Axis.linear "") (Axis.linear "") [ Trace.ColouredPoints("", values, values, values, "c") ]

        JsonDocument.Parse((Plotly.ofPlot plot).ToJsonString()).RootElement
        |> at "data 0 marker"

    let both = scale [| -1.0; 3.0; nan |]
    Assert.Equal("diverging", (at "colorscale" both).GetString())
    Assert.Equal(-3.0, (at "cmin" both).GetDouble())
    Assert.Equal(3.0, (at "cmax" both).GetDouble())
    let positive = scale [| 1.0; 3.0 |]
    Assert.Equal("sequential", (at "colorscale" positive).GetString())
    Assert.DoesNotContain("cmin", positive.GetRawText())

[<Fact>]
let ``the page asks for nothing outside itself`` () =
    let page = Html.page (report everything)
    let ours = page.Substring(0, page.IndexOf("<footer>", StringComparison.Ordinal))
    Assert.Contains("default-src 'none'", ours)
    Assert.Empty(Regex.Matches(ours, "(src|href)=\"(?!data:)"))
    Assert.Empty(Regex.Matches(ours, "url\\(|@import|<link"))

[<Fact>]
let ``the page holds the library and how it was made`` () =
    let page = Html.page (report [])
    Assert.Contains("plotly.js", page)
    Assert.Contains("<dt>Seed</dt><dd>7</dd>", page)
    Assert.Contains("2026-03-04 05:06", page)
    Assert.Contains("<code>koopman demo &lt;/script&gt;", page)

[<Fact>]
let ``a ragged table is refused`` () =
    let refused =
        Assert.Throws<ArgumentException>(fun () -> Html.page (report [ table [ [ Cell.text "alone" ] ] ]) |> ignore)

    Assert.Contains("1 cells and the table 2 columns", refused.Message)

[<Fact>]
let ``a report is written as a whole or not at all`` () =
    let folder = Directory.CreateTempSubdirectory("koopman-report-").FullName

    try
        let path = Path.Combine(folder, "report.html")

        match Report.write path (report everything) with
        | Ok() -> Assert.EndsWith("</html>\n", File.ReadAllText path)
        | Error error -> Assert.Fail error.Message

        match Report.write (Path.Combine(folder, "missing", "report.html")) (report []) with
        | Ok() -> Assert.Fail "it wrote into a folder that does not exist"
        | Error error -> Assert.Equal(ErrorKind.UnwritableFile, error.Kind)

        Assert.Equal<string>([| path |], Directory.GetFileSystemEntries folder)
    finally
        Directory.Delete(folder, true)
