namespace Koopman.Cli

open System
open System.Globalization
open System.Numerics
open Spectre.Console
open Koopman

/// <summary>Terminal output: results on standard output, progress and errors on standard error.</summary>
[<RequireQualifiedAccess>]
module Ui =

    let private errors () : IAnsiConsole =
        AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput Console.Error))

    /// <summary>A number with a few digits, in the invariant culture.</summary>
    let number (value: float) : string =
        let invariant = CultureInfo.InvariantCulture

        if Double.IsNaN value then
            "–"
        elif Double.IsPositiveInfinity value then
            "∞"
        elif value = 0.0 then
            "0"
        elif abs value >= 1e5 || abs value < 1e-4 then
            value.ToString("0.00e0", invariant)
        elif abs value >= 100.0 then
            value.ToString("0.0", invariant)
        else
            value.ToString("0.0000", invariant)

    /// <summary>A complex number with a few digits; a real one without its imaginary part.</summary>
    let complex (value: Complex) : string =
        if value.Imaginary = 0.0 then
            number value.Real
        else
            let sign = if value.Imaginary < 0.0 then "-" else "+"
            $"{number value.Real}{sign}{number (abs value.Imaginary)}i"

    /// The line that heads the results, until it is printed.
    let mutable private heading: string option = None

    let private printHeading (writer: IO.TextWriter) : unit =
        let line = heading
        heading <- None
        line |> Option.iter writer.WriteLine

    /// Writes results; standard output may be closed, or a full disk.
    let private print (write: IO.TextWriter -> unit) : unit =
        let failed (reason: string) =
            Outcome.get (
                KoopmanError.fail
                    ErrorKind.UnwritableFile
                    $"Cannot write to standard output: {reason.TrimEnd '.'}"
                    "Leave it open, or redirect it to a file with enough space"
            )

        try
            printHeading Console.Out
            write Console.Out
        with
        | :? IO.IOException as error -> failed error.Message
        | :? UnauthorizedAccessException -> failed "it is closed"

    /// Writes to standard error, if somebody listens.
    let private printError (write: IO.TextWriter -> unit) : unit =
        try
            write Console.Error
        with
        | :? IO.IOException
        | :? UnauthorizedAccessException -> ()

    /// <summary>
    /// The first line that the command prints, in the tool's words: on standard output above the first result, or on standard error above an error,
    /// so that a refused command prints no result.
    /// </summary>
    let head (text: string) : unit =
        heading <- Some(ToolWords.translate text)

    /// <summary>One line of text.</summary>
    let say (text: string) : unit = print (fun out -> out.WriteLine text)

    /// <summary>A remark that is not part of the result.</summary>
    let note (text: string) : unit =
        printError (fun error -> error.WriteLine text)

    /// <summary>Prints an error.</summary>
    let fail (message: string) : unit =
        printError (fun error ->
            printHeading error
            error.WriteLine $"koopman: {ToolWords.translate message}")

    /// <summary>The width of tables on a terminal, in characters. One that is redirected to a file or another program must not be wrapped at 80 columns.</summary>
    let width (isRedirected: bool) (terminal: int) : int =
        if isRedirected then 200 else max 20 terminal

    /// <summary>A table; columns whose names begin with '&lt;' are text, the others numbers.</summary>
    let table (columns: string list) (rows: string list list) : unit =
        let table = Table().Border(TableBorder.Simple)

        for name in columns do
            let words = name.StartsWith '<'
            let column = TableColumn(Markup.Escape(if words then name.Substring 1 else name))

            table.AddColumn(
                if words then
                    column.LeftAligned()
                else
                    column.RightAligned()
            )
            |> ignore

        for row in rows do
            table.AddRow(row |> List.map Markup.Escape |> Array.ofList) |> ignore

        let width = width Console.IsOutputRedirected AnsiConsole.Profile.Width

        print (fun out ->
            let console = AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput out))
            console.Profile.Width <- width
            console.Write table)

    /// <summary>Runs work with a progress bar on standard error; the work receives a function that reports the fraction done, from 0 to 1.</summary>
    let progress (title: string) (work: (float -> unit) -> 'T) : 'T =
        if Console.IsErrorRedirected then
            note title
            work ignore
        else
            // Before a long wait on a terminal.
            if not Console.IsOutputRedirected then
                printHeading Console.Out

            errors()
                .Progress()
                .AutoClear(true)
                .Start(fun context ->
                    let task = context.AddTask(Markup.Escape title)

                    work (fun part -> task.Value <- 100.0 * part))

/// <summary>Settings shared by all commands of one run.</summary>
[<RequireQualifiedAccess>]
module Run =

    /// <summary>The command line, for reports.</summary>
    let commandLine (arguments: string[]) : string =
        let quote (s: string) = if s.Contains ' ' then $"'{s}'" else s
        String.Join(" ", Array.append [| "koopman" |] (Array.map quote arguments))

    /// <summary>Processor time of this process so far, over all threads.</summary>
    let cpuSeconds () : float =
        use now = Diagnostics.Process.GetCurrentProcess()
        now.TotalProcessorTime.TotalSeconds

    /// <summary>Names and versions of the software that computed the numbers.</summary>
    let environment () : (string * string) list =
        [
            "koopman", string (typeof<KoopmanError>.Assembly.GetName().Version)
            "tensors", TorchSharp.torch.__version__
            "runtime", Runtime.InteropServices.RuntimeInformation.FrameworkDescription
            "system", Runtime.InteropServices.RuntimeInformation.OSDescription
            "processor", string Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
            "threads", string (TorchSharp.torch.get_num_threads ())
            "device", "cpu"
        ]
