namespace Koopman

open System

/// Rules for settings and arguments. Names are written as in a sentence: "Modes" for a setting, "the lag" for an argument.
[<RequireQualifiedAccess>]
module internal Require =

    let private capital (text: string) : string =
        string (Char.ToUpperInvariant text[0]) + text.Substring 1

    let private rule (holds: bool) (must: string) (remedy: string) (name: string) (value: 'v) : Outcome<unit> =
        if holds then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{capital name} is {value}, but must be {must}"
                $"Set {name} to {remedy}"

    let private agree (agrees: bool) (cause: string) (remedy: string) : Outcome<unit> =
        if agrees then
            Ok()
        else
            KoopmanError.fail ErrorKind.ShapeMismatch (capital cause) remedy

    /// A custom rule, worded to follow "must be".
    let that (holds: bool) (must: string) (name: string) (value: 'v) : Outcome<unit> = rule holds must must name value

    let atLeast (least: int) (name: string) (value: int) : Outcome<unit> =
        rule (value >= least) $"at least {least}" $"{least} or more" name value

    /// low ≤ x ≤ high.
    let between (low: 'v) (high: 'v) (name: string) (value: 'v) : Outcome<unit> when 'v: comparison =
        rule (low <= value && value <= high) $"from {low} to {high}" $"a number from {low} to {high}" name value

    /// low < x < high.
    let inside (low: float) (high: float) (name: string) (value: float) : Outcome<unit> =
        rule
            (low < value && value < high)
            $"strictly between {low} and {high}"
            $"a number strictly between {low} and {high}"
            name
            value

    /// 0 ≤ x < 1.
    let share (name: string) (value: float) : Outcome<unit> =
        rule (0.0 <= value && value < 1.0) "at least 0 and below 1" "a number from 0 to below 1" name value

    let positive (name: string) (value: float) : Outcome<unit> =
        rule (Double.IsFinite value && value > 0.0) "positive and finite" "a positive number" name value

    let notNegative (name: string) (value: float) : Outcome<unit> =
        rule (Double.IsFinite value && value >= 0.0) "finite and not negative" "0 or more" name value

    let finite (name: string) (value: float) : Outcome<unit> =
        rule (Double.IsFinite value) "finite" "a finite number" name value

    /// 0 < x ≤ ∞: the only rule that accepts infinity.
    let limit (name: string) (value: float) : Outcome<unit> =
        rule (value > 0.0) "positive" "a positive number, or to infinity for no limit" name value

    let oneOf (choices: 'v seq) (name: string) (value: 'v) : Outcome<unit> when 'v: equality =
        that (Seq.contains value choices) (String.Join(" or ", choices)) name value

    /// Both ends finite, and the lower below the upper.
    let interval (name: string) (low: float, high: float) : Outcome<unit> =
        if Double.IsFinite low && Double.IsFinite high && low < high then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{capital name} runs from {low} to {high}, but must run from a finite lower end to a finite upper end"
                $"Give {name} two different ends, the lower one first"

    let notEmpty (name: string) (values: 'v seq) : Outcome<unit> =
        if Seq.isEmpty values then
            KoopmanError.fail ErrorKind.InvalidSetting $"{capital name} is empty" "Give at least one value"
        else
            Ok()

    /// A rule for every entry; entry i is called name[i].
    let each (rule: string -> 'v -> Outcome<unit>) (name: string) (values: 'v seq) : Outcome<unit> =
        values
        |> Seq.indexed
        |> Seq.tryFind (fun (_, value) -> Result.isError (rule name value))
        |> Option.map (fun (i, value) -> rule $"{name}[{i}]" value)
        |> Option.defaultValue (Ok())

    /// A rule for an optional setting.
    let optional (rule: string -> 'v -> Outcome<unit>) (name: string) (value: 'v option) : Outcome<unit> =
        value |> Option.map (rule name) |> Option.defaultValue (Ok())

    /// Indices of things, counted from 0.
    let indices (thing: string) (count: int) (numbers: int64 seq) : Outcome<unit> =
        match numbers |> Seq.tryFind (fun k -> k < 0L || k >= int64 count) with
        | None -> Ok()
        | Some k ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                (if count = 0 then
                     $"There is no {thing} {k}: there is none at all"
                 else
                     $"There is no {thing} {k} among {count}")
                $"Give indices from 0 to {count - 1}"

    /// Equal counts of two things: ("weights", 3) ("samples", 5).
    let sameCount (what: string, count: int) (others: string, expected: int) : Outcome<unit> =
        agree (count = expected) $"there are {count} {what} for {expected} {others}" $"Give as many {what} as {others}"

    let dimension (expected: int) (what: string) (dimension: int) : Outcome<unit> =
        agree
            (dimension = expected)
            $"the dimension of {what} is {dimension}, but must be {expected}"
            $"Give points of {expected} coordinates"

    /// A matrix with this number of columns.
    let columns (expected: int) (what: string) (shape: int64[]) : Outcome<unit> =
        agree
            (shape.Length = 2 && shape[1] = int64 expected)
            $"""the shape of {what} is ({String.Join(", ", shape)}), but must be (n, {expected})"""
            "Give one row per point"

    /// The same failure with a more specific remedy.
    let advise (remedy: string) (outcome: Outcome<unit>) : Outcome<unit> =
        outcome |> Result.mapError (fun error -> { error with Remedy = remedy })

    /// Rules in sequence; the first violated one is reported, and later ones may rely on earlier ones.
    [<Sealed>]
    type Rules(finish: Outcome<unit> -> Outcome<unit>) =
        member _.Yield(rule: Outcome<unit>) : Outcome<unit> = rule
        member _.Zero() : Outcome<unit> = Ok()
        member _.Delay(rules: unit -> Outcome<unit>) : unit -> Outcome<unit> = rules
        member _.Combine(first: Outcome<unit>, rest: unit -> Outcome<unit>) : Outcome<unit> = Result.bind rest first
        member _.Run(rules: unit -> Outcome<unit>) : Outcome<unit> = finish (rules ())

    /// Require.all { rule; rule; ... }
    let all = Rules id

    /// The same for the settings of a method; the remedy also names the record with their defaults.
    let settings (defaults: string) : Rules =
        Rules(
            Result.mapError (fun error ->
                { error with
                    Remedy = $"{error.Remedy}, or start from {defaults}"
                })
        )
