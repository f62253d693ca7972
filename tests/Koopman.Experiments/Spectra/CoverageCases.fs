namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>The cases of the coverage study.</summary>
[<RequireQualifiedAccess>]
module CoverageCases =

    let private well (x: float) : float = (x * x - 1.0) * (x * x - 1.0)

    // At the ends V/T is about 30.
    let private wellAt (temperature: float) =
        lazy
            (let reach = sqrt (1.0 + sqrt (30.0 * temperature))
             GridChain.create well temperature (-reach, reach) 260 0.1)

    let private warm = wellAt 1.0
    let private cold = wellAt 0.3

    let private oscillator =
        lazy (GridChain.create (fun x -> 0.5 * x * x) 1.0 (-7.0, 7.0) 350 0.1)

    let private pairsOf (dimension: int) (chain: GridChain) (n: int) (seed: Seed) : Outcome<SnapshotPairs> =
        let runs =
            Array.init dimension (fun axis -> GridChain.trajectory (n + 1) (Seed.derive $"axis {axis}" seed) chain)

        result {
            use! states =
                Samples.ofValues
                    dimension
                    (Array.init ((n + 1) * dimension) (fun i -> runs[i % dimension][i / dimension]))

            return! SnapshotPairs.ofTrajectory chain.Lag states
        }

    let private gaussians (count: int) (samples: Samples) =
        Observables.gaussiansOver
            { Observables.automatic with
                Centres = Some count
            }
            samples

    let private edmd
        (name: string)
        (what: string)
        (dimension: int)
        (chain: Lazy<GridChain>)
        (n: int)
        (dictionary: Samples -> Outcome<Observables>)
        (truth: float[] -> float[])
        (atLeast: float[])
        : CoverageCase =
        {
            Name = name
            What = $"{what}, n = {n}, reversible EDMD at lag .1"
            Run =
                fun seed ->
                    result {
                        use! pairs = pairsOf dimension chain.Value n seed
                        use! observables = dictionary pairs.From
                        use! spectrum = Edmd.reversible { Edmd.defaults with Modes = 4 } observables pairs
                        let clusters = spectrum.Clusters
                        let truth = truth chain.Value.Rates

                        return
                            CoverageFigures.coverage atLeast truth spectrum
                            @ [
                                // If the two lowest rates are equal, their mean is better determined.
                                if truth[0] = truth[1] then
                                    match clusters |> Array.tryFind (fun c -> c.Members = [| 1; 2 |]) with
                                    | Some c ->
                                        CoverageFigures.figure
                                            "cluster_mean"
                                            85.0
                                            (c.Lower <= truth[0] && truth[0] <= c.Upper)
                                    | None ->
                                        { CoverageFigures.figure "cluster_mean" 85.0 false with
                                            Trials = 0
                                        }
                            ]
                    }
        }

    let private edmdOfWell (label: string) (chain: Lazy<GridChain>) (n: int) : CoverageCase =
        edmd
            $"double_well_{label}_n{n}"
            $"double well {label}, 30 Gaussians"
            1
            chain
            n
            (gaussians 30)
            id
            [| 91.0; 91.0; 91.0 |]

    let private dirichlet
        (name: string)
        (what: string)
        (temperature: float)
        (states: Seed -> float[])
        (dictionary: Samples -> Outcome<Observables>)
        (judge: Samples -> Spectrum -> CoverageFigure list)
        : CoverageCase =
        {
            Name = name
            What = what
            Run =
                fun seed ->
                    result {
                        use! samples = Samples.ofValues 1 (states seed)
                        use! observables = dictionary samples

                        use! spectrum =
                            Langevin.fit
                                { Langevin.defaults with
                                    Temperature = temperature
                                    Modes = 4
                                }
                                observables
                                samples

                        return judge samples spectrum
                    }
        }

    let private warmRates = lazy ((Systems.doubleWell 1.0).Rates)
    let private coldRates = lazy ((Systems.doubleWell 0.3).Rates)

    let private independentWell (n: int) : CoverageCase =
        dirichlet
            $"dirichlet_T1_independent_n{n}"
            $"double well T = 1, 30 Gaussians, {n} independent samples, Dirichlet form"
            1.0
            (fun seed -> GridChain.independent n seed warm.Value)
            (gaussians 30)
            (fun _ spectrum -> CoverageFigures.coverage [| 90.0; 90.0; 90.0 |] warmRates.Value spectrum)

    /// The interval that treats correlated samples as independent, which must fail.
    let private independentError (samples: Samples) (spectrum: Spectrum) : bool =
        use _ = torch.NewDisposeScope()
        let mode = spectrum.Modes[0]
        let phi = (spectrum.Values samples.Points).select(1L, 0L)
        let slope = (spectrum.Gradients samples.Points).select(1L, 0L).select(1L, 0L)
        let score = slope.square () - mode.Rate * phi.square ()
        let error = score.std(true).ToDouble() / sqrt (float samples.Count)
        abs (mode.Rate - warmRates.Value[0]) <= 1.96 * error

    let private correlatedWell: CoverageCase =
        dirichlet
            "dirichlet_T1_trajectory_n5000"
            "double well T = 1, 30 Gaussians, trajectory of 5000 states, Dirichlet form"
            1.0
            (fun seed -> GridChain.trajectory 5000 seed warm.Value)
            (gaussians 30)
            (fun samples spectrum ->
                CoverageFigures.coverage [| 90.0; 90.0; 90.0 |] warmRates.Value spectrum
                @ [
                    CoverageFigures.share "eta1_as_if_independent" 0.0 80.0 [| independentError samples spectrum |]
                ])

    let private truncatedWell: CoverageCase =
        dirichlet
            "sweep_T0.3_degree10_n2000"
            "double well T = .3, monomials to degree 10, 2000 independent samples, Dirichlet form"
            0.3
            (fun seed -> GridChain.independent 2000 seed cold.Value)
            (fun _ -> Observables.monomials 10 1)
            (fun _ spectrum ->
                let mode, truth = spectrum.Modes[2], coldRates.Value[2]

                [
                    CoverageFigures.share
                        "eta3_without_bar"
                        0.0
                        100.0
                        [|
                            CoverageFigures.covers (CoverageFigures.plainLower spectrum mode) mode truth
                        |]
                    CoverageFigures.figure "eta3" 93.0 (CoverageFigures.covers mode.Lower mode truth)
                ])

    /// n+1 states of a rotating Ornstein-Uhlenbeck process in the plane by exact steps: exponents are sums of -1 ± i turn.
    let private rotation (turn: float) (lag: float) (n: int) (seed: Seed) : float[] =
        use noise = Seed.normal [| int64 (n + 1); 2L |] seed
        let z = Tensors.toArray noise
        let shrink, spread = exp -lag, sqrt (1.0 - exp (-2.0 * lag))
        let c, s = shrink * cos (turn * lag), shrink * sin (turn * lag)
        let states = Array.copy z

        for t in 1..n do
            let x, y = states[2 * t - 2], states[2 * t - 1]
            states[2 * t] <- c * x - s * y + spread * z[2 * t]
            states[2 * t + 1] <- s * x + c * y + spread * z[2 * t + 1]

        states

    let private rotating (n: int) : CoverageCase =
        {
            Name = $"rotating_n{n}"
            What = $"rotating Ornstein-Uhlenbeck process, monomials to degree 3, n = {n}, EDMD at lag .1"
            Run =
                fun seed ->
                    result {
                        let lag, turn = 0.1, 2.0
                        use! samples = Samples.ofValues 2 (rotation turn lag n seed)
                        use! pairs = SnapshotPairs.ofTrajectory lag samples
                        use! observables = Observables.monomials 3 2
                        use! model = Edmd.fit Edmd.defaults observables pairs

                        let figures (order: int) =
                            let rate, frequency = float order, turn * float order

                            let mode =
                                model.Spectrum.Modes
                                |> Array.minBy (fun m -> abs (m.Rate - rate) + abs (m.Frequency - frequency))

                            [
                                CoverageFigures.figure $"rate{order}" 88.0 (mode.Lower <= rate && rate <= mode.Upper)

                                CoverageFigures.figure
                                    $"frequency{order}"
                                    88.0
                                    (abs (mode.Frequency - frequency) <= 1.96 * mode.FrequencyError)
                            ]

                        return figures 1 @ figures 2
                    }
        }

    /// Residuals of the first eigenfunction, which is exact: only the noise of the successors can be mistaken for a residual.
    let private residuals: CoverageCase =
        {
            Name = "residual_oscillator_n10000"
            What = "Ornstein-Uhlenbeck process, first eigenfunction on 10000 fresh pairs, three squared residuals"
            Run =
                fun seed ->
                    result {
                        use! training = pairsOf 1 oscillator.Value 10_000 (Seed.derive "training" seed)
                        use! fresh = pairsOf 1 oscillator.Value 10_000 (Seed.derive "fresh" seed)
                        use observables = Observables.linear 1
                        use! test = gaussians 59 fresh.From
                        use! spectrum = Edmd.reversible Edmd.defaults observables training
                        let! reports = Diagnostics.residuals (Some test) spectrum fresh
                        let report = reports[0]

                        let twoLags =
                            report.TwoLags
                            |> Option.ofNullable
                            |> Option.map _.Value
                            |> Option.defaultValue nan

                        return
                            [
                                CoverageFigures.share
                                    "pair_.15_to_.21"
                                    95.0
                                    100.0
                                    [| report.Pair >= 0.15 && report.Pair <= 0.21 |]
                                CoverageFigures.share "two_lags_below_.006" 95.0 100.0 [| abs twoLags <= 0.006 |]
                                CoverageFigures.share
                                    "projected_below_.001"
                                    95.0
                                    100.0
                                    [| abs report.Projected.Value <= 0.001 |]
                            ]
                    }
        }

    let private noiseEdge: CoverageCase =
        {
            Name = "noise_edge_T1_n2000"
            What =
                "double well T = 1, 30 Gaussians, n = 2000: modes 1 to 8 whose rate is off by more than 25 %, flagged as noise"
            Run =
                fun seed ->
                    result {
                        use! pairs = pairsOf 1 warm.Value 2000 seed
                        use! observables = gaussians 30 pairs.From

                        use! spectrum =
                            Edmd.reversible
                                { Edmd.defaults with
                                    Modes = 8
                                    SmallestEigenvalue = 0.0
                                }
                                observables
                                pairs

                        let truth = warm.Value.Rates

                        let right, wrong =
                            spectrum.Modes
                            |> Array.indexed
                            |> Array.partition (fun (k, mode) -> abs (mode.Rate / truth[k] - 1.0) <= 0.25)

                        let flags modes =
                            modes |> Array.map (fun (_, mode: Mode) -> mode.Has WarningKind.BelowNoise)

                        return
                            [
                                CoverageFigures.share "wrong_flagged" 95.0 100.0 (flags wrong)
                                CoverageFigures.share "right_flagged" 0.0 25.0 (flags right)
                            ]
                    }
        }

    /// x' = -.1 x, y' = -(y - x²), exactly: true rates are sums of .1 and 1, all others are spurious.
    let private slowManifold: CoverageCase =
        {
            Name = "slow_manifold"
            What = "slow manifold without noise, monomials to degree 3, 4, 5 and 6, n = 2000: spurious modes, flagged"
            Run =
                fun seed ->
                    let fit degree =
                        result {
                            use uniform = Seed.uniform [| 2000L; 2L |] (Seed.derive $"degree {degree}" seed)
                            let values = Tensors.toArray uniform |> Array.map (fun u -> 4.0 * u - 2.0)
                            let lag, bend = 0.1, 1.0 / 0.8

                            let next =
                                Array.init values.Length (fun i ->
                                    let x = values[i - i % 2]

                                    if i % 2 = 0 then
                                        x * exp (-0.1 * lag)
                                    else
                                        (values[i] - bend * x * x) * exp -lag + bend * x * x * exp (-0.2 * lag))

                            use x = Tensors.ofRows 2000 values
                            use y = Tensors.ofRows 2000 next
                            use! pairs = SnapshotPairs.create lag x y
                            use! observables = Observables.monomials degree 2
                            use! model = Edmd.fit { Edmd.defaults with Modes = 28 } observables pairs

                            let isTrue (mode: Mode) =
                                abs mode.Frequency < 1e-6
                                && Seq.exists
                                    (fun (i, j) -> abs (mode.Rate - 0.1 * float i - float j) < 1e-6)
                                    (Seq.allPairs [ 0..degree ] [ 0..degree ])

                            return
                                model.Spectrum.Modes
                                |> Array.map (fun mode -> isTrue mode, mode.Has WarningKind.LargeResidual)
                        }

                    result {
                        let! three = fit 3
                        let! four = fit 4
                        let! five = fit 5
                        let! six = fit 6
                        let modes = Array.concat [ three; four; five; six ]

                        let flags truth =
                            modes |> Array.filter (fun (isTrue, _) -> isTrue = truth) |> Array.map snd

                        return
                            [
                                CoverageFigures.share "spurious_flagged" 100.0 100.0 (flags false)
                                CoverageFigures.share "true_flagged" 0.0 0.0 (flags true)
                            ]
                    }
        }

    /// <summary>All cases.</summary>
    let all: CoverageCase list =
        [
            edmdOfWell "T1" warm 2000
            edmdOfWell "T1" warm 10_000
            edmdOfWell "T0.3" cold 5000
            edmdOfWell "T0.3" cold 20_000
            independentWell 1000
            independentWell 5000
            correlatedWell
            edmd
                "quadruple_n20000"
                "quadruple well T = 1, 100 Gaussians"
                2
                warm
                20_000
                (gaussians 100)
                (fun line -> [| line[0]; line[0]; 2.0 * line[0] |])
                [| 88.0; 88.0; 88.0 |]
            // The score of the third Hermite function has tails that a sample does not show: its interval is known to be too short.
            edmd
                "oscillator_degree6_n10000"
                "Ornstein-Uhlenbeck process, monomials to degree 6"
                1
                oscillator
                10_000
                (fun _ -> Observables.monomials 6 1)
                id
                [| 89.0; 89.0; 78.0 |]
            truncatedWell
            rotating 2000
            rotating 10_000
            residuals
            noiseEdge
            slowManifold
        ]
