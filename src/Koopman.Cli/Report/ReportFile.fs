namespace Koopman.Cli.Reporting

open System.Text
open Koopman

/// <summary>Writes reports.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Report =

    /// <summary>Writes the report as one HTML file, which opens offline. An existing file is replaced atomically; if writing fails, it is left
    /// unchanged.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="report">What to show.</param>
    let write (path: string) (report: Report) : Outcome<unit> =
        let bytes = Encoding.UTF8.GetBytes(Html.page report)
        Files.writeAtomically path (fun stream -> stream.Write(bytes, 0, bytes.Length))
