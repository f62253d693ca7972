namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>Settings of the solver for the generator of a known potential.</summary>
type LawgdOptions =
    {
        /// <summary>The lower end of the box along every axis.</summary>
        Low: float
        /// <summary>The upper end along every axis. The box must contain all but a negligible part of the mass.</summary>
        High: float
        /// <summary>The total degree of the Legendre polynomials. Default 20.</summary>
        Degree: int
        /// <summary>Gauss points along every axis. Default 60.</summary>
        Nodes: int
    }

/// <summary>
/// LAWGD (Chewi, Le Gouic, Lu, Maunu and Rigollet 2020): the flow of KSWGD with the eigenpairs of the true generator, for a potential
/// that is known in at most three dimensions.
/// </summary>
[<RequireQualifiedAccess>]
module Lawgd =

    /// <summary>[-2.5, 2.5], degree 20, 60 nodes.</summary>
    let defaults: LawgdOptions =
        {
            Low = -2.5
            High = 2.5
            Degree = 20
            Nodes = 60
        }

    /// Nodes with less than this fraction of the largest weight are left out: the polynomials are not reliable there.
    let private negligible = 1e-9

    /// <summary>Gauss-Legendre nodes in the box, weighted by exp(-V/T): a quadrature rule of the system's law. The caller disposes it.</summary>
    let quadrature (options: LawgdOptions) (system: LangevinSystem) : Outcome<Samples> =
        Require.settings "Lawgd.defaults" {
            Require.interval "the box from Low to High" (options.Low, options.High)
            Require.atLeast 2 "Nodes" options.Nodes
            Require.atLeast 1 "Degree" options.Degree
        }
        |> Result.bind (fun () ->
            if system.Dimension > 3 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"A grid in {system.Dimension} dimensions is too large"
                    "LAWGD needs eigenfunctions of the true generator; use ParticleFlow with data instead"
            else
                let d = system.Dimension

                let rule =
                    MathNet.Numerics.Integration.GaussLegendreRule(options.Low, options.High, options.Nodes)

                let rec product (dimension: int) : (float list * float) list =
                    if dimension = 0 then
                        [ [], 1.0 ]
                    else
                        [
                            for rest, weight in product (dimension - 1) do
                                for k in 0 .. options.Nodes - 1 -> rule.Abscissas[k] :: rest, weight * rule.Weights[k]
                        ]

                let nodes = product d |> Array.ofList |> Array.map (fun (x, w) -> Array.ofList x, w)

                let energy =
                    nodes |> Array.map (fun (x, _) -> system.Potential.Invoke(ReadOnlySpan x))

                let least = Array.min energy

                let weights =
                    Array.map2 (fun (_, w) v -> w * exp ((least - v) / system.Temperature)) nodes energy

                let heaviest = Array.max weights

                let kept =
                    [|
                        for i in 0 .. nodes.Length - 1 do
                            if weights[i] > negligible * heaviest then
                                i
                    |]

                result {
                    use! points = kept |> Array.collect (fun i -> fst nodes[i]) |> Samples.ofValues d
                    return! Samples.quadrature (kept |> Array.map (fun i -> weights[i])) points
                })

    /// <summary>The observables of the method on this box. The caller disposes them, after the spectrum.</summary>
    let observables (options: LawgdOptions) (system: LangevinSystem) : Outcome<Observables> =
        Observables.legendre
            options.Degree
            (Array.create system.Dimension options.Low, Array.create system.Dimension options.High)

    /// <summary>Moves particles along the eigenfunctions of the true generator.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">The box and the resolution.</param>
    /// <param name="flow">Settings of the flow; the default Length is a twentieth of the box: with larger steps the polynomials make particles diverge.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="system">The potential.</param>
    /// <param name="start">Where the particles start.</param>
    let run
        (control: Control<ParticleProgress>)
        (options: LawgdOptions)
        (flow: ParticleOptions)
        (seed: Seed)
        (system: LangevinSystem)
        (start: Samples)
        : Outcome<ParticleResult> =
        result {
            use! nodes = quadrature options system
            use! functions = observables options system
            use! field = ParticleField.fullRank 0.0 system.Temperature functions nodes

            let flow =
                { flow with
                    Length = flow.Length |> Option.orElse (Some(0.05 * (options.High - options.Low)))
                }

            return! ParticleFlow.follow control flow seed (Manifold.euclidean system.Dimension) field nodes start
        }
