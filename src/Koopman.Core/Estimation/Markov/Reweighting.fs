namespace Koopman

open TorchSharp

/// <summary>Settings of Koopman reweighting.</summary>
type ReweightingOptions =
    {
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped; larger values smooth the weights. Default 1e-6.</summary>
        RankTolerance: float
    }

/// <summary>Weights that turn pairs started out of equilibrium into pairs in equilibrium.</summary>
[<NoComparison>]
type EquilibriumWeights =
    {
        /// <summary>The weight of every pair (n), non-negative, with mean 1: the weight in the data times π(x)/ρ(x).</summary>
        Weights: float[]
        /// <summary>The fraction of the absolute weight that was negative and was clipped at 0; large if the dictionary cannot represent π/ρ.</summary>
        NegativeShare: float
        /// <summary>Kish's effective number of pairs, (Σw)²/Σw²: the number of equally weighted pairs with the same information.</summary>
        EffectiveSize: float
        /// <summary>The smallest singular value of 1 - K orthogonal to the constants; errors of the data enter the weights divided by it.</summary>
        Gap: float
    }

/// <summary>
/// Koopman reweighting (Wu, Nüske, Paul, Klus, Koltai and Noé 2017): many short trajectories with arbitrary starts do not sample
/// the invariant law π, but their transitions are correct. The left eigenvector of the propagator to λ = 1 is the ratio w = π/ρ of the
/// invariant law to that of the starts. Under these weights x and y both have law π, so that the symmetrised moments of
/// <c>Edmd.reversible</c>, ½⟨w(x)(ψ(x)ψ(x)ᵀ + ψ(y)ψ(y)ᵀ)⟩ and ½⟨w(x)(ψ(x)ψ(y)ᵀ + ψ(y)ψ(x)ᵀ)⟩, are again those of equilibrium; and the
/// states x with these weights are samples for <c>Langevin.fit</c>. Error bars of later estimates do not include the error of the weights.
/// </summary>
[<RequireQualifiedAccess>]
module Reweighting =

    /// <summary>RankTolerance 1e-6.</summary>
    let defaults: ReweightingOptions = { RankTolerance = 1e-6 }

    /// <summary>
    /// Computes the weights. Among functions w = 1 + (ψ - ⟨ψ⟩)ᵀu it finds the one with ⟨w(x) f(y)⟩ = ⟨w(x) f(x)⟩ for all f in the span: a linear
    /// system, since the constant is a known right eigenvector.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary, which must be able to represent π/ρ; a constant is not needed.</param>
    /// <param name="pairs">The data; their own weights are kept as factors. The starts must cover the invariant law.</param>
    /// <returns>
    /// The weights for <c>SnapshotPairs.withWeights</c> or <c>Samples.withWeights</c>, or an error: shapes that differ, too few pairs, a
    /// dictionary of constants, or data in which some function other than the constant does not decay.
    /// </returns>
    let fit
        (options: ReweightingOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Outcome<EquilibriumWeights> =
        result {
            do! Require.settings "Reweighting.defaults" { Require.share "RankTolerance" options.RankTolerance }

            do! Fitting.check observables pairs.From
            use _ = Tensors.scope ()
            use moments = Moments.ofPairs observables (0, pairs.Count) pairs
            let c = Covariances.centred moments
            let! basis = LinearAlgebra.whiten options.RankTolerance c.C00
            let unit = torch.eye (basis.shape[1], dtype = torch.float64)
            let system = unit - basis.t().times(c.C01).times(basis).t()
            let gap = torch.linalg.svdvals(system).min().ToDouble()

            if not (gap > 1e-8) then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"A function other than the constant does not decay over lag {pairs.Lag}: 1 - K has the singular value {gap:G3}"
                        "Use pairs at a longer lag, or data that connect all regions; disconnected regions have no common invariant law"
            else
                let drift = basis.t().mv(c.Mean1 - c.Mean0)
                let u = basis.mv (torch.linalg.solve (system, drift))
                let offset = 1.0 - c.Mean0.dot(u).ToDouble()

                let ratio =
                    Tensors.pieces (Tensors.pieceRows observables.Count) pairs.Count
                    |> Seq.map (fun (struct (start, size)) ->
                        Tensors.keep (fun () ->
                            observables.Values(Tensors.rows start size pairs.From.Points).mv(u) + offset))
                    |> Seq.toArray

                let signed = torch.cat (ratio, 0L) * pairs.From.Weights
                let negative = signed.clamp_max(Tensors.num 0.0).sum().ToDouble()
                let weights = signed.clamp_min (Tensors.num 0.0)
                let total = weights.sum().ToDouble()
                let values = float pairs.Count / total * weights
                let n = float pairs.Count

                return
                    {
                        Weights = Tensors.toArray values
                        NegativeShare = negative / (negative - total)
                        EffectiveSize = n * n / values.square().sum().ToDouble()
                        Gap = gap
                    }
        }
