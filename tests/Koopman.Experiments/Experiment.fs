namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting

/// <summary>What an experiment found: numbers by name, further JSON if it has any, and sections for a report.</summary>
[<NoComparison; NoEquality>]
type Findings =
    {
        /// <summary>Name and value, in the order to be shown.</summary>
        Metrics: (string * float) list
        /// <summary>Further members of the JSON object.</summary>
        Extra: (string * Json) list
        /// <summary>Columns and rows for the terminal.</summary>
        Table: string list * string list list
        /// <summary>What a report shows of it.</summary>
        Sections: Section list
    }

/// <summary>A computation whose numbers are quoted somewhere, and can be had again by name.</summary>
[<NoComparison; NoEquality>]
type Experiment =
    {
        /// <summary>Its name in <c>./koopman reproduce NAME</c>.</summary>
        Name: string
        /// <summary>One line.</summary>
        Summary: string
        /// <summary>Computes; the function given reports a part done, from 0 to 1.</summary>
        Run: (float -> unit) -> Seed -> Outcome<Findings>
    }
