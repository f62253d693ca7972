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

/// <summary>The size of a run.</summary>
[<RequireQualifiedAccess>]
type Size =
    /// <summary>That of the documentation.</summary>
    | Full
    /// <summary>Minutes at most, with the same names of metrics.</summary>
    | Quick
    /// <summary>Quick, without the rivals that need seconds of their own: for tests.</summary>
    | Brief

    /// <summary>One of two values.</summary>
    member this.Choose(full: 'T, quick: 'T) : 'T =
        match this with
        | Full -> full
        | Quick
        | Brief -> quick

/// <summary>The work of an experiment; the function from a number reports the fraction done, from 0 to 1.</summary>
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Work =
    /// <summary>Parts that a journal keeps, so that an interrupted run can be resumed.</summary>
    | InParts of (Size -> Journal -> (float -> unit) -> Seed -> Outcome<Findings>)
    /// <summary>One part: an interrupted run starts again.</summary>
    | AtOnce of (Size -> (float -> unit) -> Seed -> Outcome<Findings>)

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
        /// <summary>What it computes.</summary>
        Work: Work
    }

    /// <summary>Computes.</summary>
    member this.Run(size: Size, journal: Journal, report: float -> unit, seed: Seed) : Outcome<Findings> =
        match this.Work with
        | Work.InParts run -> run size journal report seed
        | Work.AtOnce run -> run size report seed
