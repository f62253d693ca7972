namespace Koopman.Particles

open Koopman

/// <summary>
/// Diffusion map particle system (Li and Marzouk 2023): the flow along the eigenfunctions of a diffusion map, here in the normalisation
/// in which a step of size h moves every moment by the fraction h of its distance, as for KSWGD. The original's step is h·n/2ε of this one.
/// </summary>
[<RequireQualifiedAccess>]
module Dmps =

    /// <summary>Moves particles along a diffusion map of the data.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="map">Settings of the map; 80 modes are usual.</param>
    /// <param name="flow">Settings of the flow.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="manifold">The manifold that the particles stay on.</param>
    /// <param name="data">The data.</param>
    /// <param name="start">Where the particles start.</param>
    let run
        (control: Control<ParticleProgress>)
        (map: DiffusionMapOptions)
        (flow: ParticleOptions)
        (seed: Seed)
        (manifold: Manifold)
        (data: Samples)
        (start: Samples)
        : Outcome<ParticleResult> =
        result {
            use! spectrum = DiffusionMap.fit map data
            use! field = ParticleField.ofSpectrum 0.0 spectrum data
            return! ParticleFlow.follow control flow seed manifold field data start
        }
