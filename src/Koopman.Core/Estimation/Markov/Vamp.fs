namespace Koopman

open System
open TorchSharp

/// <summary>Settings of the variational approach to Markov processes.</summary>
type VampOptions =
    {
        /// <summary>The number of singular functions to keep; <c>None</c>, the default, keeps all.</summary>
        Rank: int option
        /// <summary>True to subtract the means, so that the constant pair with σ = 1 is left out and known exactly. Default true.</summary>
        Centred: bool
        /// <summary>Directions of the Gram matrices below this fraction of their largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
        /// <summary>The number of contiguous folds for cross-validation. Default 5.</summary>
        Folds: int
    }

/// <summary>Scores for the part of the dynamics that singular functions capture; higher is better. The constant pair is included and counts 1.</summary>
type VampScore =
    /// <summary>Σ σ: the nuclear norm of the propagator on the functions.</summary>
    | Vamp1 = 0
    /// <summary>Σ σ²: its squared Hilbert-Schmidt norm, the kinetic variance.</summary>
    | Vamp2 = 1
    /// <summary>‖K‖² minus the squared error of the low-rank model of K, in Hilbert-Schmidt norm.</summary>
    | VampE = 2

/// <summary>The scaling of slow coordinates that gives Euclidean distances a meaning.</summary>
type MapScaling =
    /// <summary>No scaling: every function has unit variance.</summary>
    | Whitened = 0
    /// <summary>By σ or λ: distances are kinetic distances (Noé and Clementi 2015).</summary>
    | Kinetic = 1
    /// <summary>By √(t/2) with the timescale t: distances are commute distances (Noé, Banisch and Clementi 2016).</summary>
    | Commute = 2

/// The ingredients of a map of slow coordinates.
[<RequireQualifiedAccess>]
module internal MapScaling =

    /// The factor for a function with the autocorrelation `kept` over `lag`.
    let factor (scaling: MapScaling) (lag: float) (kept: float) : float =
        match scaling with
        | MapScaling.Whitened -> 1.0
        | MapScaling.Kinetic -> kept
        | _ when kept <= 0.0 -> 0.0
        // At σ = 1 the distance is infinite; rounding must not produce this.
        | _ -> sqrt (0.5 * lag / -(log (min kept (1.0 - 1e-12))))

/// <summary>
/// Singular values and functions of the propagator between the laws of x and y: K g_k = σ_k f_k with f_k = (ψ - m₀)ᵀu_k of unit variance
/// at x and g_k = (ψ - m₁)ᵀv_k of unit variance at y. No reversibility, equilibrium or stationarity is needed.
/// </summary>
[<Sealed>]
type VampModel
    internal
    (
        observables: Observables,
        mean0: Tensor,
        mean1: Tensor,
        left: Tensor,
        right: Tensor,
        singularValues: float[],
        lag: float,
        centred: bool
    ) =

    let held = observables.Hold()

    let evaluate (mean: Tensor) (coefficients: Tensor) (points: Tensor) : Tensor =
        Tensors.keep (fun () -> (observables.Values(points) - mean).times coefficients)

    /// <summary>The functions that the singular functions are made of.</summary>
    member _.Observables: Observables = observables

    /// <summary>σ_1 ≥ σ_2 ≥ ... (r); without the 1 of the constant if the means were subtracted.</summary>
    member _.SingularValues: float[] = Array.copy singularValues

    /// <summary>The number of singular functions, r.</summary>
    member _.Rank: int = singularValues.Length

    /// <summary>The time τ between x and y.</summary>
    member _.Lag: float = lag

    /// <summary>True if the means were subtracted.</summary>
    member _.IsCentred: bool = centred

    /// <summary>u (N, r): the left functions' coefficients. Owned by this object.</summary>
    member this.Left: Tensor = Tensors.alive this left

    /// <summary>v (N, r): the right functions' coefficients. Owned by this object.</summary>
    member this.Right: Tensor = Tensors.alive this right

    /// <summary>m₀ (N): the mean of the observables at x, or 0. Owned by this object.</summary>
    member _.LeftMean: Tensor = mean0

    /// <summary>m₁ (N): the mean of the observables at y, or 0. Owned by this object.</summary>
    member _.RightMean: Tensor = mean1

    /// <summary>f at n points (n, d), as (n, r). The caller owns it.</summary>
    member _.LeftValues(points: Tensor) : Tensor = evaluate mean0 left points

    /// <summary>g at n points (n, d), as (n, r). The caller owns it.</summary>
    member _.RightValues(points: Tensor) : Tensor = evaluate mean1 right points

    /// <summary>The left functions at n points (n, d), scaled, as (n, r): slow coordinates. The caller owns it.</summary>
    member this.Coordinates(scaling: MapScaling, points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let factors =
                Tensors.ofVector (singularValues |> Array.map (MapScaling.factor scaling lag))

            this.LeftValues points * factors)

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            for tensor in [ mean0; mean1; left; right ] do
                tensor.Dispose()

            held.Dispose()

    override this.ToString() : string =
        $"{this.Rank} singular functions in {observables.Description} at lag {lag:G6}"

/// <summary>
/// The variational approach to Markov processes (Wu and Noé 2020): the best low-rank model of the propagator on the span of the
/// observables is its truncated singular value decomposition, and held-out scores show which observables capture most of the dynamics.
/// </summary>
[<RequireQualifiedAccess>]
module Vamp =

    /// <summary>All singular functions, centred, cut 1e-10, five folds.</summary>
    let defaults: VampOptions =
        {
            Rank = None
            Centred = true
            RankTolerance = 1e-10
            Folds = 5
        }

    let private check (options: VampOptions) : Outcome<unit> =
        Require.settings "Vamp.defaults" {
            Require.optional (Require.atLeast 1) "Rank" options.Rank
            Require.share "RankTolerance" options.RankTolerance
            Require.atLeast 2 "Folds" options.Folds
        }

    /// <summary>The model from the moments of pairs: the singular value decomposition of C00^(-1/2) C01 C11^(-1/2).</summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary of these moments.</param>
    /// <param name="lag">The time between x and y.</param>
    /// <param name="moments">From <c>Moments.ofPairs</c> or <c>Streaming.moments</c>.</param>
    let ofMoments
        (options: VampOptions)
        (observables: Observables)
        (lag: float)
        (moments: Moments)
        : Outcome<VampModel> =
        result {
            do! check options
            do! Covariances.checkOf observables.Count moments
            use _ = Tensors.scope ()

            let c =
                if options.Centred then
                    Covariances.centred moments
                else
                    Covariances.raw moments

            let! basis0 = LinearAlgebra.whiten options.RankTolerance c.C00
            let! basis1 = LinearAlgebra.whiten options.RankTolerance c.C11

            let struct (p, s, qh) =
                torch.linalg.svd (basis0.t().times(c.C01).times basis1, false)

            let available = int s.shape[0]
            let rank = min (defaultArg options.Rank available) available

            let leading (basis: Tensor) (vectors: Tensor) =
                Tensors.own (fun () -> basis.times (vectors.narrow (1L, 0L, int64 rank)))

            return
                new VampModel(
                    observables,
                    Tensors.copy c.Mean0,
                    Tensors.copy c.Mean1,
                    leading basis0 p,
                    leading basis1 (qh.t ()),
                    Tensors.toArray s |> Array.take rank,
                    lag,
                    options.Centred
                )
        }

    /// <summary>The model from pairs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data; weights count.</param>
    let fit (options: VampOptions) (observables: Observables) (pairs: SnapshotPairs) : Outcome<VampModel> =
        result {
            do! Fitting.check observables pairs.From
            use moments = Moments.ofPairs observables (0, pairs.Count) pairs
            return! ofMoments options observables pairs.Lag moments
        }

    /// The covariances (r, r) of the singular functions on other data, preceded by the constant pair if the model leaves it out.
    let private onModel (model: VampModel) (moments: Moments) : struct (Tensor * Tensor * Tensor) =
        let c = Covariances.about model.LeftMean model.RightMean moments
        let u, v = model.Left, model.Right

        let between (a: Tensor) (covariance: Tensor) (b: Tensor) = a.t().times(covariance).times b

        if not model.IsCentred then
            struct (between u c.C00 u, between u c.C01 v, between v c.C11 v)
        else
            let per = 1.0 / moments.Weight
            let f = u.t().mv(per * moments.Sum0 - model.LeftMean)
            let g = v.t().mv(per * moments.Sum1 - model.RightMean)
            let one = torch.ones (1L, 1L, dtype = torch.float64)

            let bordered (column: Tensor) (row: Tensor) (inner: Tensor) =
                let top = torch.cat ([| one; row.unsqueeze 0L |], 1L)
                torch.cat ([| top; torch.cat ([| column.unsqueeze 1L; inner |], 1L) |], 0L)

            struct (bordered f f (between u c.C00 u), bordered f g (between u c.C01 v), bordered g g (between v c.C11 v))

    /// <summary>
    /// The score of a model on the moments of other pairs at the same lag. VAMP-1 and VAMP-2 are those of the functions, whitened anew
    /// on these data; VAMP-E uses the singular values of the model, and decreases when they are wrong.
    /// </summary>
    let score (score: VampScore) (model: VampModel) (heldOut: Moments) : Outcome<float> =
        result {
            do! Covariances.checkOf (int model.LeftMean.shape[0]) heldOut
            use _ = Tensors.scope ()
            let struct (c00, c01, c11) = onModel model heldOut

            match score with
            | VampScore.VampE ->
                let sigma =
                    if model.IsCentred then
                        Array.append [| 1.0 |] model.SingularValues
                    else
                        model.SingularValues

                let s = Tensors.ofVector sigma
                let modelled = c00 * s.unsqueeze 1L * s.unsqueeze 0L * c11
                return 2.0 * c01.diagonal().dot(s).ToDouble() - modelled.sum().ToDouble()
            | _ ->
                // A fold can be too short for a slow function to vary; the bounded scores then leave the function out.
                let! basis0 = LinearAlgebra.whiten 1e-10 c00
                let! basis1 = LinearAlgebra.whiten 1e-10 c11
                let s = torch.linalg.svdvals (basis0.t().times(c01).times basis1)

                return
                    if score = VampScore.Vamp1 then
                        s.sum().ToDouble()
                    else
                        s.square().sum().ToDouble()
        }

    /// <summary>
    /// One score per fold, of the model fitted to all other folds. Folds are contiguous, groups of whole runs where runs are short, and pairs
    /// that overlap in time with another fold are left out. Compare dictionaries by the mean at the same lag.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="kind">The score; VAMP-E also penalises overfitting.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data.</param>
    let crossValidate
        (options: VampOptions)
        (kind: VampScore)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Outcome<float[]> =
        result {
            do! check options
            do! Fitting.check observables pairs.From

            let parts =
                Blocks.ofPairs options.Folds pairs
                |> Array.map (Blocks.apart pairs)
                |> Array.map (fun (struct (start, length)) -> Moments.ofPairs observables (start, length) pairs)

            use _ = Fitting.disposeAll parts

            let ofFold (fold: int) : Outcome<float> =
                result {
                    use train = Moments.merge (Array.removeAt fold parts)

                    use! model = ofMoments options observables pairs.Lag train
                    return! score kind model parts[fold]
                }

            return! Outcome.collect ofFold [ 0 .. parts.Length - 1 ] |> Result.map Array.ofList
        }
