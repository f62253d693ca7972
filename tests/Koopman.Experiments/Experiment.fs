namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting

/// <summary>The findings of an experiment: numbers by name, optional further JSON, and sections for a report.</summary>
[<NoComparison; NoEquality>]
type Findings =
    {
        /// <summary>Name and value, in the order to be shown.</summary>
        Metrics: (string * float) list
        /// <summary>Further members of the JSON object.</summary>
        Extra: (string * Json) list
        /// <summary>Columns and rows for the terminal.</summary>
        Table: string list * string list list
        /// <summary>The sections of the report.</summary>
        Sections: Section list
    }

/// <summary>The size of a run: that of the documentation, or one of less than a minute with the same names of metrics.</summary>
[<RequireQualifiedAccess>]
type Size =
    | Full
    | Quick

    /// <summary>One of two values.</summary>
    member this.Choose(full: 'T, quick: 'T) : 'T =
        match this with
        | Full -> full
        | Quick -> quick

/// <summary>A computation whose numbers are quoted in the documentation, and can be reproduced by name.</summary>
[<NoComparison; NoEquality>]
type Experiment =
    {
        /// <summary>Its name in <c>./koopman reproduce NAME</c>.</summary>
        Name: string
        /// <summary>One line.</summary>
        Summary: string
        /// <summary>The minutes that a full run takes on two cores, roughly.</summary>
        Minutes: float
        /// <summary>Computes; the given function reports the fraction done, from 0 to 1.</summary>
        Run: Size -> (float -> unit) -> Seed -> Outcome<Findings>
    }
