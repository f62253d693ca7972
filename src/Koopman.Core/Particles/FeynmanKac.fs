namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>A likelihood l, given by U = -log l with two derivatives.</summary>
[<NoComparison; NoEquality>]
type Likelihood =
    {
        /// <summary>U.</summary>
        Energy: ScalarField
        /// <summary>∇U.</summary>
        Gradient: VectorField
        /// <summary>ΔU.</summary>
        Laplacian: ScalarField
    }

/// <summary>An average over paths from one point.</summary>
[<Struct>]
type PathAverage =
    {
        /// <summary>The mean.</summary>
        Mean: float
        /// <summary>Its standard error.</summary>
        StandardError: float
    }

/// <summary>
/// The inverse generator and the conditional law as averages over paths: w(x) = E_x ∫ g(X_s) ds solves Lw = g for ⟨g⟩ = 0, and killing
/// paths at the right rate conditions the law.
/// </summary>
[<RequireQualifiedAccess>]
module FeynmanKac =

    /// <summary>
    /// The rate c = T(¼|∇U|² - ½ΔU) + ½∇V·∇U for which (L + c)√l = 0: √l is the ground state of the killed generator, and transforming by it
    /// gives the generator of π·l. So killing at this rate is equivalent to weighting by l. (Killing at the rate -log l is not.)
    /// </summary>
    /// <param name="system">Potential and temperature of the prior.</param>
    /// <param name="likelihood">l.</param>
    let killing (system: LangevinSystem) (likelihood: Likelihood) : ScalarField =
        let d = system.Dimension

        ScalarField(fun x ->
            let slope, drift = Array.zeroCreate d, Array.zeroCreate d
            likelihood.Gradient.Invoke(x, Span slope)
            system.Drift.Invoke(x, Span drift)

            let inner a b =
                Array.fold2 (fun sum u v -> sum + u * v) 0.0 a b

            system.Temperature
            * (0.25 * inner slope slope - 0.5 * likelihood.Laplacian.Invoke x)
            - 0.5 * inner drift slope)

    /// <summary>
    /// (L⁻¹g)(x) = ∫₀^∞ E_x[g(X_s)] ds by simulated paths, truncated at a horizon: the truncation error decays as exp(-η₁ horizon). Euler steps.
    /// </summary>
    /// <param name="system">The dynamics.</param>
    /// <param name="g">A function with mean 0 in the invariant law.</param>
    /// <param name="horizon">The length of the paths, several times 1/η₁.</param>
    /// <param name="step">The time step.</param>
    /// <param name="paths">Paths per point, at least 2.</param>
    /// <param name="seed">The seed of the noise.</param>
    /// <param name="points">The starting points (n, d).</param>
    let inverse
        (system: LangevinSystem)
        (g: ScalarField)
        (horizon: float)
        (step: float)
        (paths: int)
        (seed: Seed)
        (points: Samples)
        : Outcome<PathAverage[]> =
        Require.all {
            Require.atLeast 2 "the number of paths" paths
            Require.positive "the horizon" horizon
            Require.inside 0.0 horizon "the step" step
        }
        |> Require.advise "Give for instance 1000 paths of 10/η₁ in steps of a hundredth of the fastest time"
        |> Result.bind (fun () ->
            Require.dimension system.Dimension "the points" points.Dimension
            |> Require.advise "Give points of the system's space")
        |> Result.bind (fun () ->
            let d = system.Dimension
            let values = Samples.values points

            let x =
                Array.init (points.Count * paths * d) (fun i -> values[i / (paths * d) * d + i % d])

            let total = Array.zeroCreate (points.Count * paths)
            let force = Array.zeroCreate d
            let amplitude = sqrt (2.0 * system.Temperature * step)
            let steps = int (ceil (horizon / step))

            for k in 0..steps do
                // The trapezium rule in time.
                let weight = if k = 0 || k = steps then 0.5 * step else step
                use noise = Seed.normal [| int64 x.Length |] (Seed.derive (string k) seed)
                let noise = Guarded.read<float> noise

                for i in 0 .. total.Length - 1 do
                    total[i] <- total[i] + weight * g.Invoke(ReadOnlySpan(x, i * d, d))
                    system.Drift.Invoke(ReadOnlySpan(x, i * d, d), Span force)

                    for l in 0 .. d - 1 do
                        x[i * d + l] <- x[i * d + l] + step * force[l] + amplitude * noise[i * d + l]

            Array.chunkBySize paths total
            |> Array.map (fun sums ->
                let mean = Array.average sums
                let variance = sums |> Array.averageBy (fun s -> (s - mean) * (s - mean))

                {
                    Mean = mean
                    StandardError = sqrt (variance / float (paths - 1))
                })
            |> Ok)

    /// <summary>The same from a spectrum, Σ_k ⟨g, φ_k⟩ φ_k(x)/η_k with the mean over the data (n), at points.</summary>
    /// <param name="model">A reversible spectrum.</param>
    /// <param name="data">The samples that the model was fitted to.</param>
    /// <param name="g">The function at each of them (n).</param>
    /// <param name="points">The points (m, d).</param>
    let inverseBySpectrum (model: Spectrum) (data: Samples) (g: float[]) (points: Samples) : Outcome<float[]> =
        if not model.IsReversible || model.Rates[0] <= 0.0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "Only a reversible spectrum with positive rates has this inverse"
                "Fit with Langevin.fit or Edmd.reversible"
        else
            Require.all {
                Require.sameCount ("values of the function", g.Length) ("samples", data.Count)
                Require.dimension model.Observables.Dimension "the data" data.Dimension
                Require.dimension model.Observables.Dimension "the points" points.Dimension
            }
            |> Require.advise "Give the function at every sample of the data, and points of the same space"
            |> Result.map (fun () ->
                use _ = Tensors.scope ()
                let weights = data.Weights * Tensors.ofVector g

                let coefficients =
                    (model.Values data.Points).t().mv(weights) / Tensors.ofVector model.Rates

                Tensors.toArray ((model.Values points.Points).mv coefficients))
