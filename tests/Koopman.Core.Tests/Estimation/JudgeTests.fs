namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman

/// One rule for all estimators: a warning depends on the numbers of a mode, and not on who found it.
module JudgeTests =

    let private spectra: Lazy<(string * Mode[]) list> =
        lazy
            (JudgedSpectra.all ()
             |> Seq.choose (fun (name, outcome) ->
                 match outcome with
                 | Ok modes -> Some(name, modes)
                 | Error error ->
                     // A lag at which everything has decayed is refused, and that is all.
                     Expect.stringContains error.Cause "everything has decayed" name
                     None)
             |> List.ofSeq)

    let private size (mode: Mode) : float =
        Complex.Abs(Complex(mode.Rate, mode.Frequency))

    let private constant (modes: Mode[]) (mode: Mode) : bool =
        let largest = modes |> Array.map size |> Array.filter Double.IsFinite |> Array.max
        size mode <= 1e-9 * largest

    let private near (a: Mode) (b: Mode) : bool =
        Complex.Abs(Complex(a.Rate - b.Rate, a.Frequency - b.Frequency)) <
            3.0 * sqrt (a.StandardError ** 2.0 + b.StandardError ** 2.0)

    let private forEach (check: string -> Mode[] -> int -> unit) : unit =
        for name, modes in spectra.Value do
            modes
            |> Array.iteri (fun k mode -> check $"mode {mode.Index} of {name}" modes k)

    let tests: Test =
        testList
            "Judged modes"
            [
                testCase "Every estimator takes part" (fun () ->
                    Expect.isGreaterThan spectra.Value.Length 65 "spectra"

                    for name, modes in spectra.Value do
                        Expect.isNonEmpty modes name)

                testCase "Imprecise: the interval is wider than half of the rate" (fun () ->
                    forEach (fun name modes k ->
                        let mode = modes[k]

                        let half = max (0.5 * (mode.Upper - mode.Lower)) (1.96 * mode.FrequencyError)
                        let told = mode.IsConstant || mode.Has WarningKind.BelowNoise

                        // Also where the interval is missing altogether.
                        let wide =
                            half > 0.25 * size mode
                            || (Double.IsNaN mode.StandardError && Double.IsNaN mode.Residual)

                        Expect.equal (mode.Has WarningKind.Imprecise) (wide && not told) name))

                testCase "The constant is told from modes, and has no timescale" (fun () ->
                    forEach (fun name modes k ->
                        if constant modes modes[k] then
                            Expect.isTrue modes[k].IsConstant name

                        if modes[k].IsConstant then
                            Expect.isTrue (Double.IsNaN modes[k].Timescale) name))

                testCase "A mode below the noise has no upper bound of its rate" (fun () ->
                    forEach (fun name modes k ->
                        if modes[k].Has WarningKind.BelowNoise then
                            Expect.equal modes[k].Upper infinity name))

                testCase
                    "Estimators that assume detailed balance warn where the process turns, and only there"
                    (fun () ->
                        let assuming =
                            [
                                "Edmd.reversible"
                                "Tica.fit"
                                "FitFromMoments.reversible"
                                "MarkovModel.spectrum, reversible"
                            ]

                        for name in assuming do
                            let warned (kind: string) =
                                spectra.Value
                                |> List.find (fun (found, _) -> found = $"{name} on {kind}")
                                |> snd
                                |> Array.forall _.Has(WarningKind.NotReversible)

                            Expect.isTrue (warned "turning noise") name
                            Expect.isFalse (warned "reversible noise") name)

                testCase "Near-degenerate: a neighbour is closer than three errors, in data that are drawn" (fun () ->
                    let drawn (name: string) =
                        name.EndsWith "noise"
                        && not (name.Contains "of GeneratorEdmd.fit on")
                        && not (name.Contains "of OptimizedDmd")

                    forEach (fun name modes k ->
                        let neighbours =
                            [ k - 1; k + 1 ]
                            |> List.filter (fun j ->
                                j >= 0
                                && j < modes.Length
                                && not (modes[k].IsConstant || modes[j].IsConstant)
                                && (modes[k].Frequency = 0.0
                                    || modes[j].Eigenvalue <> Complex.Conjugate modes[k].Eigenvalue))

                        let expected = neighbours |> List.exists (fun j -> near modes[j] modes[k])

                        if drawn name then
                            Expect.equal modes[k].NearDegenerate expected name
                        elif modes[k].NearDegenerate then
                            Expect.isTrue expected name))

                testCase "No kind of warning comes twice" (fun () ->
                    forEach (fun name modes k ->
                        let kinds = modes[k].Warnings |> Array.map _.Kind
                        Expect.equal kinds (Array.distinct kinds) name))

                testCase "Data are random or determined, never both" (fun () ->
                    for name, modes in spectra.Value do
                        let any (kinds: WarningKind list) =
                            modes |> Array.exists (fun mode -> kinds |> List.exists mode.Has)

                        let random = any [ WarningKind.BelowNoise; WarningKind.Impossible ]
                        let determined = any [ WarningKind.LargeResidual; WarningKind.NoiseFloor ]
                        Expect.isFalse (random && determined) name)

                testCase "In white noise no estimator of dynamics finds a mode that it does not warn of" (fun () ->
                    let dynamics =
                        spectra.Value
                        |> List.filter (fun (name, _) ->
                            name.EndsWith "on white noise"
                            && not (name.StartsWith "Langevin" || name.StartsWith "DiffusionMap"))

                    Expect.isGreaterThan dynamics.Length 8 "estimators"

                    for name, modes in dynamics do
                        for mode in modes do
                            // The constant is there in white noise too.
                            if mode.Rate > 0.1 then
                                Expect.isNonEmpty mode.Warnings $"mode {mode.Index} of {name}")

                testCase "An exact oscillation passes where the dictionary holds it" (fun () ->
                    for estimator in [ "Edmd.fit"; "Dmd.fit"; "OptimizedDmd.fit"; "Diagnostics.assess" ] do
                        let modes =
                            spectra.Value
                            |> List.find (fun (name, _) -> name = estimator + " on exact oscillation")
                            |> snd

                        let slow =
                            modes
                            |> Array.filter (fun mode ->
                                abs (abs mode.Frequency - 3.0) < 1e-6
                                && abs (mode.Rate + 10.0 * log 0.98) < 1e-6)

                        Expect.equal slow.Length 2 estimator

                        for mode in slow do
                            Expect.isEmpty mode.Warnings estimator)
            ]
