namespace Koopman.Cli

open System.Text.RegularExpressions
open Koopman

/// <summary>The equation of motion that pairs at a short lag obey, and its generator.</summary>
[<RequireQualifiedAccess>]
module IdentifiedEstimator =

    /// <summary>The terms where none are asked for.</summary>
    let dictionary = "monomials:3"

    /// The equations with the names of the columns for x0, x1, ...
    let private named (names: string[]) (text: string) : string =
        Regex.Replace(
            text,
            @"\b(d?)x(\d+)\b",
            MatchEvaluator(fun found ->
                match System.Int32.TryParse found.Groups[2].Value with
                | true, k when k < names.Length -> found.Groups[1].Value + names[k]
                | _ -> found.Value)
        )

    /// <summary>Drift and diffusion by regression on the dictionary; generator EDMD on the same functions.</summary>
    let fit (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value
            use! found = KramersMoyal.estimate KramersMoyal.defaults observables pairs
            let isNoisy = Noise.isStochastic Noise.Automatic pairs

            use! motion =
                let whole = found.At pairs.From.Points

                if isNoisy then
                    Ok whole
                else
                    use _ = whole
                    DriftDiffusion.ofDrift whole.Drift

            let! model =
                GeneratorEdmd.fit
                    { GeneratorEdmd.defaults with
                        Modes = input.Modes
                        RankTolerance = input.RankTolerance
                    }
                    observables
                    pairs.From
                    motion

            let! equation = Sindy.ofMotion input.Threshold observables pairs.From motion
            let names = input.Loaded.Names
            let lines = equation.Equations |> Array.map (named names)
            let d = names.Length
            let terms = equation.Terms |> Array.map (named names)
            let errors = Tensors.toArray found.DriftErrors

            return
                { Fitted.ownedBy model model.Spectrum with
                    Remarks =
                        [
                            if isNoisy then
                                "the noise is taken to be the same everywhere: a is its covariance per time"
                            else
                                "the pairs have no noise: an ordinary differential equation"
                            $"terms below {Ui.number input.Threshold} of the whole are left out of the equation (--threshold); errors of its coefficients are those of sampling"
                        ]
                    Tables =
                        [
                            {
                                Heading = "Equation of motion"
                                Columns = [ "<equation" ]
                                Rows = [ for line in lines -> [ line ] ]
                            }
                        ]
                    Details =
                        [
                            "equations", Json.list (lines |> Seq.map Json.text)
                            "terms", Json.list (terms |> Seq.map Json.text)
                            "drift",
                            Json.list
                                [
                                    for k in 0 .. terms.Length - 1 ->
                                        Json.list [ for i in 0 .. d - 1 -> Json.number equation.Drift[k, i] ]
                                ]
                            "drift_errors",
                            Json.list
                                [
                                    for k in 0 .. terms.Length - 1 ->
                                        Json.list [ for i in 0 .. d - 1 -> Json.number errors[k * d + i] ]
                                ]
                            "drift_defect", Json.list (equation.DriftDefect |> Seq.map Json.number)
                            match found.Diffusion with
                            | DiffusionEstimate.Uniform matrix when isNoisy ->
                                let a = Tensors.toArray matrix

                                "diffusion",
                                Json.list
                                    [
                                        for i in 0 .. d - 1 ->
                                            Json.list [ for j in 0 .. d - 1 -> Json.number a[i * d + j] ]
                                    ]
                            | _ -> ()
                        ]
                }
        }
