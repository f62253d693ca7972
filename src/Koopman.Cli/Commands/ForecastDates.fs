namespace Koopman.Cli

open System
open System.Globalization
open Koopman

/// How the rows of a table with dates follow each other.
type internal DateStep =
    /// At equal times.
    | Equal of TimeSpan
    /// Every so many months, on the same day of the month or on its last.
    | Months of int
    /// On every day from Monday to Friday but for so many, such as holidays.
    | Weekdays of left: int

/// Dates of rows: whether they are equally spaced, on the clock or on the calendar, and how they go on.
[<RequireQualifiedAccess>]
module internal ForecastDates =

    /// The largest share of weekdays that may have no row.
    let private holidays: float = 0.1

    let private isWeekday (date: DateTimeOffset) : bool =
        date.DayOfWeek <> DayOfWeek.Saturday && date.DayOfWeek <> DayOfWeek.Sunday

    let rec private nextWeekday (date: DateTimeOffset) : DateTimeOffset =
        let next = date.AddDays 1.0
        if isWeekday next then next else nextWeekday next

    let private month (date: DateTimeOffset) : int = 12 * date.Year + date.Month - 1

    let private sameTime (dates: DateTimeOffset[]) : bool =
        dates
        |> Array.forall (fun date -> date.TimeOfDay = dates[0].TimeOfDay && date.Offset = dates[0].Offset)

    /// The day of the month that dates have, or 31 for its last day.
    let private dayOf (dates: DateTimeOffset[]) : int = dates |> Array.map _.Day |> Array.max

    /// So many months after a date, on this day of the month or its last.
    let private after (day: int) (months: int) (date: DateTimeOffset) : DateTimeOffset =
        let there = date.AddDays(float (1 - date.Day)).AddMonths months
        there.AddDays(float (min day (DateTime.DaysInMonth(there.Year, there.Month)) - 1))

    let private months (dates: DateTimeOffset[]) : DateStep option =
        let step, day = month dates[1] - month dates[0], dayOf dates

        if
            step > 0
            && sameTime dates
            && dates
               |> Array.indexed
               |> Array.forall (fun (i, date) -> date = after day (i * step) dates[0])
        then
            Some(Months step)
        else
            None

    let private weekdays (dates: DateTimeOffset[]) : DateStep option =
        if not (sameTime dates && Array.forall isWeekday dates) then
            None
        else
            let weekdaysUntil (a: DateTimeOffset, b: DateTimeOffset) =
                let days = int (b - a).TotalDays

                Seq.init days (fun i -> a.AddDays(float (i + 1)))
                |> Seq.filter isWeekday
                |> Seq.length

            let left =
                dates |> Array.pairwise |> Array.sumBy (fun pair -> weekdaysUntil pair - 1)

            if float left <= holidays * float dates.Length then
                Some(Weekdays left)
            else
                None

    let private span (step: TimeSpan) : string =
        if step.Ticks % TimeSpan.TicksPerDay = 0L then
            $"{step.TotalDays} d"
        elif step.Ticks % TimeSpan.TicksPerHour = 0L then
            $"{step.TotalHours} h"
        elif step.Ticks % TimeSpan.TicksPerMinute = 0L then
            $"{step.TotalMinutes} min"
        else
            $"{step.TotalSeconds:G6} s"

    /// The step of some dates, at least two, in the order of the rows; an error that says what is wrong with them.
    let stepOf (file: string) (stamps: string[]) : Outcome<struct (DateStep * DateTimeOffset[])> =
        result {
            let! dates =
                stamps
                |> Outcome.collect (fun stamp ->
                    match CsvField.tryDate stamp with
                    | ValueSome date -> Ok date
                    | ValueNone ->
                        KoopmanError.fail
                            ErrorKind.UnreadableFile
                            $"{file}: '{stamp}' is not a date"
                            "Write dates as in 2024-12-31 or 2024-12-31 23:59:59")
                |> Result.map Array.ofList

            let pairs = Array.pairwise dates

            match pairs |> Array.tryFindIndex (fun (a, b) -> b <= a) with
            | Some i ->
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"{file}: {stamps[i]} is followed by {stamps[i + 1]}, but dates must rise"
                        "Sort the rows by their dates and keep one for each, or give --by-row if the rows are equally spaced whatever their dates say"
            | None -> ()

            let seconds = dates |> Array.map (fun date -> (date - dates[0]).TotalSeconds)

            match (Spacing.ofTimes [| seconds |]).Step, months dates, weekdays dates with
            | Some step, _, _ -> return struct (Equal(TimeSpan.FromSeconds step), dates)
            | None, Some step, _
            | None, None, Some step -> return struct (step, dates)
            | None, None, None ->
                let steps = pairs |> Array.map (fun (a, b) -> b - a)
                let usual = (Array.sort steps)[steps.Length / 2]

                let other =
                    steps
                    |> Array.findIndex (fun step -> abs ((step - usual) / usual) > 0.01 || step = Array.max steps)

                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"{file}: the dates are not equally spaced: most rows are {span usual} apart, but {stamps[other]} is followed by {stamps[other + 1]}"
                        "Add --missing fill to fill up to 48 missing rows, --missing cut to cut there, or --by-row if the rows are equally spaced whatever their dates say"
        }

    /// The distance of rows, in words.
    let describe (step: DateStep) : string =
        match step with
        | Equal step -> $"a row every {span step}"
        | Months 1 -> "a row every month"
        | Months step -> $"a row every {step} months"
        | Weekdays 0 -> "a row every weekday"
        | Weekdays left -> $"a row every weekday, {left} weekday(s) without one"

    /// A date, with the time of the day unless all are at midnight.
    let private text (isDay: bool) (date: DateTimeOffset) : string =
        date.ToString((if isDay then "yyyy-MM-dd" else "yyyy-MM-dd HH:mm:ss"), CultureInfo.InvariantCulture)

    /// The date of a row, also of those that follow the last one.
    let label (step: DateStep) (stamps: string[]) (dates: DateTimeOffset[]) : int -> string =
        let last = dates.Length - 1
        let day = dayOf dates

        fun row ->
            if row <= last then
                stamps[row]
            else
                let ahead = row - last

                match step with
                | Equal step ->
                    dates[last] + float ahead * step
                    |> text (step.Ticks % TimeSpan.TicksPerDay = 0L)
                | Months step -> dates[last] |> after day (ahead * step) |> text true
                | Weekdays _ ->
                    Seq.unfold (fun date -> let next = nextWeekday date in Some(next, next)) dates[last]
                    |> Seq.item (ahead - 1)
                    |> text true
