module Koopman.Cli.Tests.ReportTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Tests
open TorchSharp
open Koopman.Learning

let private hostile = "</script><script>alert('x')</script> & <b>"

let private chart =
    [
        Layer.points 0 hostile [| 1.0; nan; 3.0 |] [| 1.0; 2.0; infinity |]
        Layer.dashed 1 "expected" [| 1.0; 2.0; nan |] [| 1.0 / 3.0; 1e-300; infinity |]
    ]
    |> Figure.create hostile (Axis.linear hostile) (Axis.logarithmic "y" |> Axis.between 0.01 100.0)
    |> Figure.withCaption hostile

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
        Block.Beside [ Block.Chart chart; Block.Chart chart ]
        Block.Chart(ImagePlot.grid ImagePlot.defaults "digits" (torch.zeros (2L, 1L, 2L)))
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

let tests: Test =
    testList
        "Report"
        [
            testCase "text never becomes mark-up" (fun () ->
                let page = Html.page (report everything)
                Expect.isFalse (page.Contains "alert('x')") "a script from the text"
                Expect.isFalse (page.Contains "<b>") "a tag from the text"
                // The data of two charts, the palette, the library and our own script; nothing else can run.
                Expect.equal (Regex.Matches(page, "</script>").Count) 5 "the scripts")

            testCase "the data of a chart survive the way through the page" (fun () ->
                let drawn = plotOnPage (Html.page (report [ Block.Chart chart ]))
                let number path = (at path drawn).GetDouble()
                Expect.equal ((at "data 0 name" drawn).GetString()) hostile "the name of the trace"
                Expect.equal ((at "layout xaxis title text" drawn).GetString()) hostile "the title of the axis"
                // Points that have no place are left out.
                Expect.equal ((at "data 0 x" drawn).GetRawText()) "[1]" "the positions of the points"
                Expect.equal (number "data 1 y 0") 0.3333333 "a third"
                Expect.equal (number "data 1 y 1") 1e-300 "a tiny number"
                // JSON has neither NaN nor infinity: both are gaps of a line.
                Expect.equal (at "data 1 x 2" drawn).ValueKind JsonValueKind.Null "NaN"
                Expect.equal (at "data 1 y 2" drawn).ValueKind JsonValueKind.Null "infinity")

            testCase "a logarithmic range is given in exponents" (fun () ->
                let axis =
                    plotOnPage (Html.page (report [ Block.Chart chart ])) |> at "layout yaxis"

                Expect.equal ((at "type" axis).GetString()) "log" "the type of the axis"
                Expect.sameDecimals 12 ((at "range 0" axis).GetDouble()) -2.0 "the lower end"
                Expect.sameDecimals 12 ((at "range 1" axis).GetDouble()) 2.0 "the upper end")

            testCase "a chart has its title and caption beside it, and a text for those who do not see it" (fun () ->
                let page = Html.page (report [ Block.Chart chart ])
                let escaped = Net.WebUtility.HtmlEncode hostile
                Expect.isTrue (page.Contains $"<figcaption><strong>{escaped}</strong><p>") "the title and the caption"
                Expect.isTrue (page.Contains $"role=\"img\" aria-label=\"{escaped}\"") "the text")

            testCase "every colour of a chart has a counterpart for the dark" (fun () ->
                let page = Html.page (report [ Block.Chart chart ])

                let counterparts =
                    Regex.Match(page, "id=\"palette\">(.*?)</script>").Groups[1].Value
                    |> JsonDocument.Parse

                let colours =
                    Regex.Matches((plotOnPage page).GetRawText(), "#[0-9a-f]{6}")
                    |> Seq.map _.Value
                    |> Set.ofSeq

                Expect.isGreaterThan colours.Count 3 "the colours"

                for colour in colours do
                    Expect.isTrue (fst (counterparts.RootElement.TryGetProperty colour)) $"a counterpart of {colour}")

            testCase "the page asks for nothing outside itself" (fun () ->
                let page = Html.page (report everything)
                let ours = page.Substring(0, page.IndexOf("<footer>", StringComparison.Ordinal))
                Expect.isTrue (ours.Contains "default-src 'none'") "the policy of the page"
                Expect.isEmpty (Regex.Matches(ours, "(src|href)=\"(?!data:)")) "addresses"
                Expect.isEmpty (Regex.Matches(ours, "url\\(|@import|<link")) "style sheets and what they fetch")

            testCase "the page holds the library and how it was made" (fun () ->
                let page = Html.page (report [])

                for words in
                    [
                        "plotly.js"
                        "<dt>Seed</dt><dd>7</dd>"
                        "2026-03-04 05:06"
                        "<code>koopman demo &lt;/script&gt;"
                    ] do
                    Expect.isTrue (page.Contains words) $"{words} on the page")

            testCase "a ragged table is refused" (fun () ->
                Expect.throwsC
                    (fun () -> Html.page (report [ table [ [ Cell.text "alone" ] ] ]) |> ignore)
                    (fun refused ->
                        Expect.equal (refused.GetType()) typeof<ArgumentException> $"{refused}"

                        Expect.stringContains
                            refused.Message
                            "1 cells, but the table has 2 columns"
                            "what the exception says"))

            testInFolder "a report is written as a whole or not at all" (fun folder ->
                let path = folder.File "report.html"
                Report.write path (report everything) |> Outcome.get
                Expect.isTrue ((File.ReadAllText path).EndsWith "</html>\n") "the end of the page"

                Report.write (Path.Combine(folder.Path, "missing", "report.html")) (report [])
                |> Expect.error ErrorKind.UnwritableFile []

                Expect.equal folder.Names [ "report.html" ] "the files in the folder")
        ]
