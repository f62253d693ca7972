namespace Koopman

open TorchSharp

/// <summary>
/// Time-lagged independent component analysis (Molgedey and Schuster 1994; Pérez-Hernández et al. 2013): reversible EDMD on the
/// coordinates themselves. For other functions of the coordinates call <c>Edmd.reversible</c>; for processes that are not reversible
/// or not in equilibrium see <c>Vamp</c> and <c>Reweighting</c>.
/// </summary>
[<RequireQualifiedAccess>]
module Tica =

    /// <summary>Ten components with error bars, all decaying ones kept, cut 1e-10.</summary>
    let defaults: EdmdOptions =
        { Edmd.defaults with
            SmallestEigenvalue = 0.0
        }

    /// <summary>The components: uncorrelated linear functions of the centred coordinates, the slowest first, with their rates.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="pairs">The data; weights count.</param>
    /// <returns>A spectrum whose observables are the coordinates.</returns>
    let fit (options: EdmdOptions) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        use coordinates = Observables.linear pairs.Dimension
        Edmd.reversible options coordinates pairs

    /// <summary>
    /// The eigenfunctions of a reversible spectrum at n points (n, d), scaled, as (n, r): slow coordinates with meaningful
    /// distances. The caller owns the result.
    /// </summary>
    let coordinates (scaling: MapScaling) (spectrum: Spectrum) (points: Tensor) : Outcome<Tensor> =
        match spectrum.Convention with
        | PropagatorAtLag lag when spectrum.IsReversible ->
            Ok(
                Tensors.keep (fun () ->
                    let factors =
                        spectrum.Eigenvalues
                        |> Array.map (fun v -> MapScaling.factor scaling lag v.Real)

                    spectrum.Values points * Tensors.ofVector factors)
            )
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"A kinetic or commute map needs a reversible propagator, but this spectrum holds {spectrum.Convention}"
                "Fit it with Tica.fit or Edmd.reversible"
