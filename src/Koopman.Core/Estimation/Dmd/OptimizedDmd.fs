namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>Settings of optimised dynamic mode decomposition.</summary>
type OptimizedDmdOptions =
    {
        /// <summary>The number of exponents, and of the directions in which the states are fitted. Default <c>OptimalThreshold</c>.</summary>
        Rank: DmdRank
        /// <summary>
        /// True to add the constant 1 to the coordinates, so that motion about a point other than 0 has an exponent 0. Default false.
        /// </summary>
        Constant: bool
        /// <summary>The maximum number of iterations of a fit. Default 200.</summary>
        Iterations: int
        /// <summary>
        /// The number of fits to random subsets of the states (bags) for the error bars. 0 takes the error bars from the curvature of the sum of squares at
        /// the minimum, which is correct for white noise on the states. Default 0; 50 to 200 are usual.
        /// </summary>
        Bags: int
        /// <summary>The fraction of the states in a bag, above 0 and below 1. Default .5.</summary>
        Share: float
        /// <summary>The seed of the bags. Default 0.</summary>
        Seed: Seed
        /// <summary>Directions below this fraction of the largest singular value are treated as rounding errors. Default 1e-10.</summary>
        RankTolerance: float
    }

/// <summary>
/// Optimised dynamic mode decomposition: exponents μ_j with x(t) ≈ Σ_j e^{μ_j t} b_j, fitted to whole trajectories at their own
/// times, regular or not (Askham and Kutz 2018). Noise on the states causes no bias, because no state is a regressor.
/// Repeated fits to subsets give error bars (Sashidhar and Kutz 2022).
/// </summary>
[<RequireQualifiedAccess>]
module OptimizedDmd =

    /// <summary>Optimal threshold, no constant, 200 iterations, no bags (half of the states, seed 0), cut 1e-10.</summary>
    let defaults: OptimizedDmdOptions =
        {
            Rank = OptimalThreshold
            Constant = false
            Iterations = 200
            Bags = 0
            Share = 0.5
            Seed = Seed.ofInt 0
            RankTolerance = 1e-10
        }

    let private check (options: OptimizedDmdOptions) (trajectories: Trajectories) : Outcome<unit> =
        Require.settings "OptimizedDmd.defaults" {
            Require.atLeast 1 "Iterations" options.Iterations
            Require.that (options.Bags = 0 || options.Bags >= 2) "0 or at least 2" "Bags" options.Bags
            Require.inside 0.0 1.0 "Share" options.Share
            Require.share "RankTolerance" options.RankTolerance
        }
        |> Result.bind (fun () ->
            if trajectories.Inputs.IsSome then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The trajectories have inputs, which sums of exponentials cannot represent"
                    "Use Dmd.fit on their pairs, or drop the inputs with Trajectories.withoutInputs"
            else
                Ok())

    /// The trajectories that are longer than the number of exponents, in the coordinates of the directions.
    let private seriesOf (rank: int) (coordinates: Tensor) (shares: Tensor) (trajectories: Trajectories) =
        let times, starts = trajectories.Times, trajectories.Starts

        trajectories.Lengths
        |> Array.mapi (fun k length ->
            {
                ExponentialFit.Series.Times = Array.sub times starts[k] length
                ExponentialFit.Series.Values = Tensors.rows starts[k] length coordinates
                ExponentialFit.Series.Share = Tensors.rows starts[k] length shares
            })
        |> Array.filter (fun one -> one.Times.Length > rank && one.Share.max().ToDouble() > 0.0)

    /// The modes (r, r), rows of unit length in the coordinates: for each exponent the common direction of its amplitudes.
    let private modesOf (exponents: Complex[]) (series: ExponentialFit.Series[]) : Tensor =
        let amplitudes = series |> Array.map (ExponentialFit.amplitudes exponents)

        let direction (i: int) =
            let rows =
                torch.stack (amplitudes |> Array.map (fun b -> b.select (0L, int64 i)), 0L)

            let struct (_, _, right) = torch.linalg.svd (rows, fullMatrices = false)
            right.select (0L, 0L)

        torch.stack (
            exponents
            |> Array.mapi (fun i exponent ->
                // The second of a pair is exactly the conjugate of the first.
                if exponent.Imaginary < 0.0 then
                    (direction (i - 1)).conj().resolve_conj()
                elif exponent.Imaginary = 0.0 then
                    let row = direction i
                    // Real up to a phase, which is removed.
                    let peak = row.index_select (0L, row.abs().argmax().reshape 1L)
                    row * peak.conj().resolve_conj() / peak.abs ()
                else
                    direction i),
            0L
        )

    /// The first row of each pair of consecutive states, with the time between them.
    let private steps (trajectories: Trajectories) : (int * float)[] =
        let times, starts = trajectories.Times, trajectories.Starts

        trajectories.Lengths
        |> Array.mapi (fun k length ->
            Array.init (length - 1) (fun t ->
                let row = starts[k] + t
                row, times[row + 1] - times[row]))
        |> Array.concat

    /// φ at the next state against e^{μτ} times φ, for coordinates (n, r) of all states.
    let private residualsOf
        (coordinates: Tensor)
        (vectors: Tensor)
        (exponents: Complex[])
        (trajectories: Trajectories)
        : float[] =
        let steps = steps trajectories

        let at (shift: int) =
            let rows = steps |> Array.map (fun (row, _) -> int64 (row + shift))
            coordinates.index_select (0L, Tensors.ofIndices rows)

        let factors =
            steps
            |> Array.collect (fun (_, step) -> exponents |> Array.map (fun mu -> Complex.Exp(mu * Complex(step, 0.0))))
            |> Tensors.complexVector

        DmdData.residuals (at 0) (at 1) vectors (factors.reshape (int64 steps.Length, int64 exponents.Length))

    /// <summary>
    /// The exponents of trajectories with residuals and error bars, as a model of the state: the spectrum is that of the generator
    /// d/dt on the coordinates z = Uᵀx, the propagator steps by the (mean) sampling time. Several trajectories share their exponents and
    /// modes; those with no more states than exponents are not used. The existence of the modes is not tested: a rank above that of the
    /// signal fits noise.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="control">Reports after every bag; can be cancelled at every iteration.</param>
    /// <param name="trajectories">The data, without inputs; weights of trajectories count.</param>
    let fit
        (options: OptimizedDmdOptions)
        (control: Control<BaggingProgress>)
        (trajectories: Trajectories)
        : Outcome<LinearModel> =
        result {
            do! check options trajectories
            do! Samples.checkScale "The states" trajectories.States
            use _ = Tensors.scope ()
            let states = trajectories.States
            let shares = (float states.Count * states.Weights).sqrt()

            let frame = DmdData.frame true options.Rank options.Constant states
            let own = (states.Points - frame.Origin) / frame.Unit
            let constant = DmdData.constantFor options.Constant own

            let points =
                match constant with
                | None -> own
                | Some value -> torch.nn.functional.pad (own, [| 0L; 1L |], value = value)

            let weighted = points * shares.unsqueeze 1L
            let longest = Array.max trajectories.Lengths
            do! DmdData.checkVaries [ states.Points ]

            let! struct (directions, _) =
                DmdData.directions options.Rank options.RankTolerance (states.Count - longest) weighted

            let rank = int directions.shape[1]
            let coordinates = points.times directions
            let series = seriesOf rank coordinates shares trajectories

            let! solution =
                ExponentialStart.best options.Iterations control.Cancellation rank series

            let! struct (errors, converged) =
                if options.Bags = 0 then
                    Ok(struct (ExponentialErrors.ofCurvature rank series solution, 0))
                else
                    ExponentialErrors.ofBags
                        {
                            Count = options.Bags
                            Share = options.Share
                            Seed = options.Seed
                            Iterations = options.Iterations
                        }
                        control
                        rank
                        series
                        solution

            let exponents = ExponentialBasis.exponents rank solution.Parameters
            let modes = modesOf exponents series
            let size = torch.linalg.svdvals modes |> Tensors.toArray

            if not (size[size.Length - 1] > 1e-10 * size[0]) then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        "Two exponents have the same mode, so the state cannot distinguish them"
                        "Add delays (Trajectories.delays), or lower the rank"
            else
                let diagonal = (Tensors.complexVector exponents).unsqueeze 1L
                let generator = (torch.linalg.inv(modes).times(modes * diagonal)).real
                let own = weighted.times directions
                let! struct (basis, inverse) = DmdData.orthonormal own

                let! eigen =
                    OperatorMatrix.eigen InfinitesimalGenerator (inverse.times(generator).times basis)

                let vectors = LinearAlgebra.timesComplex basis eigen.Right

                let lag = steps trajectories |> Array.map snd |> Array.average
                let residuals = residualsOf own vectors eigen.Values trajectories

                let struct (correlation, distance) =
                    ExponentialFit.correlation rank series solution.Parameters

                let isColoured = correlation > 0.3 && distance > 4.0

                // White noise was assumed; means of correlated noise have a larger variance.
                let widening =
                    if isColoured then
                        sqrt ((1.0 + correlation) / (1.0 - min correlation 0.999))
                    else
                        1.0

                let errors =
                    errors
                    |> Array.map (fun (struct (rate, frequency)) -> struct (widening * rate, widening * frequency))

                let coloured =
                    [
                        if isColoured then
                            {
                                Kind = WarningKind.NotLinear
                                Message =
                                    $"the residuals of consecutive states are correlated ({correlation:F2}, {distance:F0} standard errors from 0), unlike measurement noise: the dynamics are noisy (use EDMD), or exponentials are missing (raise the rank, add delays or a constant); the intervals were widened by a factor of {widening:G3} but are unreliable"
                            }
                    ]

                let warnings =
                    if converged = options.Bags then
                        []
                    else
                        [
                            {
                                Kind = WarningKind.NotConverged
                                Message =
                                    $"{options.Bags - converged} of {options.Bags} bags did not reach their minimum; the error bar is from the others"
                            }
                        ]

                let all =
                    Array.init rank (fun k ->
                        let nearest =
                            Array.init rank id
                            |> Array.minBy (fun i -> Complex.Abs(exponents[i] - eigen.Values[k]))

                        { OperatorMatrix.bareMode InfinitesimalGenerator eigen k with
                            Residual = residuals[k]
                        }
                        |> Uncertainty.withErrors errors[nearest])
                    |> Evidence.judge
                        { Evidence.none with
                            Successors =
                                Deterministic(
                                    Evidence.tolerance,
                                    DmdData.sensitivity
                                        (DmdData.size own)
                                        vectors
                                        (eigen.Values |> Array.map (fun mu -> Complex.Exp(mu * Complex(lag, 0.0)))),
                                    infinity
                                )
                            Own = fun _ -> coloured @ warnings
                            Constants = EigenpairTest.HardlyVary(LinearAlgebra.timesComplex coordinates vectors)
                        }

                use! observables = DmdData.coordinatesIn frame constant directions
                let measure = $"the empirical measure of {states.Count} states"

                let spectrum =
                    OperatorMatrix.spectrum
                        observables
                        basis
                        eigen
                        all
                        InfinitesimalGenerator
                        measure
                        "in-sample L2 of the data, φ(y) - e^{μτ}φ(x) for consecutive states relative to φ; includes noise in the states"

                let matrix = torch.linalg.matrix_exp (lag * generator)
                let gram = own.t().times(own) / float states.Count

                return
                    DmdData.model
                        observables
                        matrix
                        lag
                        gram
                        measure
                        spectrum
                        (DmdData.readOut frame constant (directions.t ()))
                        None
        }
