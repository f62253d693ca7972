namespace Koopman

open System

/// The spacing of the times of trajectories.
[<NoComparison; NoEquality>]
type internal Spacing =
    /// One step, to a part in a million.
    | Regular of step: float
    /// The stamps t0 + k·step, rounded: none is further off than this.
    | Rounded of step: float * within: float
    | Irregular

    /// The step, if there is one.
    member this.Step: float option =
        match this with
        | Regular step
        | Rounded(step, _) -> Some step
        | Irregular -> None

/// Finds out whether times are equally spaced, as far as their stamps resolve.
[<RequireQualifiedAccess>]
module internal Spacing =

    let private largest (times: float[][]) : float =
        times |> Array.fold (Array.fold (fun most t -> max most (abs t))) 0.0

    /// The most that rounding moved a stamp: half of the last decimal place that is used, or of the last place of the floating-point numbers.
    let resolution (times: float[][]) : float =
        let most = largest times

        let all (holds: float -> bool) =
            times |> Array.forall (Array.forall holds)

        let rounding = most * 2.0 ** -52.0

        let decimals =
            seq { 0..9 }
            |> Seq.map (fun places -> 10.0 ** float places)
            |> Seq.tryFind (fun scale ->
                all (fun t -> abs (t * scale - Math.Round(t * scale)) <= 2.0 * rounding * scale))

        match decimals with
        | Some scale -> 0.5 / scale + rounding
        | None when all (fun t -> float (float32 t) = t) -> most * 2.0 ** -24.0 + rounding
        | None -> 2.0 * rounding

    /// The slope of the least-squares lines t0 + k·step, one step for all.
    let private slope (times: float[][]) : float =
        let parts =
            times
            |> Array.map (fun stamps ->
                let middle = 0.5 * float (stamps.Length - 1)

                let products =
                    stamps |> Array.mapi (fun k t -> (float k - middle) * (t - stamps[0]))

                let squares = stamps |> Array.mapi (fun k _ -> (float k - middle) ** 2.0)
                Array.sum products, Array.sum squares)

        Array.sumBy fst parts / Array.sumBy snd parts

    /// The largest distance of a stamp from the lines with this step that lie best.
    let private distance (times: float[][]) (step: float) : float =
        let ofOne (stamps: float[]) =
            let mutable low, high = 0.0, 0.0

            for k in 1 .. stamps.Length - 1 do
                let rest = stamps[k] - stamps[0] - step * float k
                low <- min low rest
                high <- max high rest

            0.5 * (high - low)

        times |> Array.fold (fun most stamps -> max most (ofOne stamps)) 0.0

    /// The step of least distance, which is convex in it, by ternary search.
    let private nearest (times: float[][]) (low: float) (high: float) : float =
        let mutable low, high = low, high

        for _ in 1..60 do
            let left, right = low + (high - low) / 3.0, high - (high - low) / 3.0

            if distance times left < distance times right then
                high <- right
            else
                low <- left

        0.5 * (low + high)

    /// The spacing of rising times, one array for each trajectory of at least two.
    let ofTimes (times: float[][]) : Spacing =
        let steps =
            times |> Array.collect (Array.pairwise >> Array.map (fun (a, b) -> b - a))

        let mean = Array.average steps

        if steps |> Array.forall (fun step -> abs (step - mean) <= 1e-6 * mean) then
            Regular mean
        else
            let step = slope times
            let within = resolution times

            let fits (step: float) =
                distance times step <= within * (1.0 + 1e-6)

            // Coarser stamps than this would hide a missing row.
            if within > 0.2 * step || distance times step > 4.0 * within then
                Irregular
            elif fits step then
                Rounded(step, within)
            else
                let longest = times |> Array.map Array.length |> Array.max
                let reach = 4.0 * within / float (longest - 1)
                let best = nearest times (step - reach) (step + reach)
                if fits best then Rounded(best, within) else Irregular
