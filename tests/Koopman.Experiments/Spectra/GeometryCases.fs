namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>Manifolds whose Laplace-Beltrami operators have known spectra, by the Dirichlet form with the metric as diffusion.</summary>
[<RequireQualifiedAccess>]
module GeometryCases =

    /// Points of the unit sphere with weights: Gauss-Legendre in height, equal steps around.
    let private sphereNodes (order: int) : Outcome<Samples> =
        let rule = MathNet.Numerics.Integration.GaussLegendreRule(-1.0, 1.0, order)
        let around = 2 * order

        let rows =
            [|
                for i in 0 .. order - 1 do
                    for j in 0 .. around - 1 do
                        let z = rule.Abscissas[i]
                        let angle = 2.0 * Math.PI * float j / float around
                        let r = sqrt (1.0 - z * z)
                        yield! [| r * cos angle; r * sin angle; z |]
            |]

        let weights = Array.init (order * around) (fun k -> rule.Weights[k / around])

        Samples.ofValues 3 rows
        |> Result.bind (fun plain ->
            use _ = plain
            Samples.quadrature weights plain)

    /// Twice the projection on the tangent plane of the sphere: ½ a:∇² is then the Laplacian along it.
    let private tangent (points: Tensor) : Diffusion =
        let one = torch.eye (3L, dtype = torch.float64)
        let normal = points.unsqueeze (2L) * points.unsqueeze 1L
        Diffusion.Full(2.0 * (one - normal))

    let private sphere (_: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()
            use! nodes = sphereNodes 12
            use! observables = Observables.monomials 3 3
            let options = { Langevin.defaults with Modes = 15 }
            use! spectrum = Langevin.fitWithDiffusion options tangent observables nodes
            return KnownCase.ofSpectrum 15 spectrum
        }

    /// The circle by a diffusion map over equally spaced points: k², twice each, up to the width of the kernel.
    let private circle (_: Seed) : Outcome<CaseResult> =
        result {
            let n = 800

            let rows =
                Array.init (2 * n) (fun k ->
                    let angle = 2.0 * Math.PI * float (k / 2) / float n
                    if k % 2 = 0 then cos angle else sin angle)

            use! points = Samples.ofValues 2 rows

            use! spectrum =
                DiffusionMap.fit
                    { DiffusionMap.defaults with
                        Alpha = 1.0
                        Width = Some 0.08
                        Modes = 6
                    }
                    points

            return KnownCase.ofSpectrum 6 spectrum
        }

    /// The Laplacian of the torus in its two angles: measure R + r cos φ, metric (R + r cos φ)² and r².
    let private torus (_: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()
            let big, small, n = 2.0, 0.8, 48
            let angle (i: int) = 2.0 * Math.PI * float i / float n

            let rows =
                Array.init (2 * n * n) (fun k -> if k % 2 = 0 then angle (k / 2 / n) else angle (k / 2 % n))

            use! plain = Samples.ofValues 2 rows

            use! nodes =
                Samples.quadrature (Array.init (n * n) (fun k -> big + small * cos (angle (k % n)))) plain

            let diffusion (points: Tensor) =
                let ring = small * points.select(1L, 1L).cos() + big
                let around = 2.0 * ring.square().reciprocal()
                let along = torch.full_like (ring, Tensors.num (2.0 / (small * small)))
                Diffusion.Diagonal(torch.stack ([| around; along |], 1L))

            use! observables = Observables.fourier 10 [| 2.0 * Math.PI; 2.0 * Math.PI |]
            let options = { Langevin.defaults with Modes = 12 }
            use! spectrum = Langevin.fitWithDiffusion options diffusion observables nodes
            // The test functions of the residual are not periodic on the torus, so it is meaningless here.
            return KnownCase.plain (Array.take 12 spectrum.Rates)
        }

    /// Averages over the surface of a torus with radii R and r, whose area element is R + r cos φ.
    let private torusAverages (_: Seed) : Outcome<CaseResult> =
        let big, small = 2.0, 0.8
        let n = 4000
        let angles = Array.init n (fun i -> 2.0 * Math.PI * (float i + 0.5) / float n)
        let average (f: float -> float) = angles |> Array.averageBy f
        let density phi = (big + small * cos phi) / big

        Ok(
            KnownCase.plain
                [|
                    average (fun phi -> cos phi * density phi)
                    average (fun phi -> pown (big + small * cos phi) 2 * density phi)
                    0.5 * average (fun phi -> abs (density phi - 1.0))
                |]
        )

    /// <summary>All cases.</summary>
    let all: KnownCase list =
        [
            {
                Id = "S2-sphere"
                What = "sphere: l(l+1), 2l+1 times (Dirichlet form with the tangent projection, quadrature)"
                Exact =
                    [|
                        yield! Array.create 3 2.0
                        yield! Array.create 5 6.0
                        yield! Array.create 7 12.0
                    |]
                Tolerance = 1e-9
                Compute = sphere
            }
            {
                Id = "S2-circle"
                What = "circle: k², twice each (diffusion map of 800 points)"
                Exact = [| 1.0; 1.0; 4.0; 4.0; 9.0; 9.0 |]
                Tolerance = 0.05
                Compute = circle
            }
            {
                Id = "S5b"
                What =
                    "torus R = 2, r = .8: twelve rates of the Laplace-Beltrami operator (Dirichlet form, Fourier functions, quadrature)"
                Exact =
                    [|
                        0.2572
                        0.2572
                        0.9028
                        0.9028
                        1.5402
                        1.6775
                        1.8000
                        1.8000
                        1.8140
                        1.8140
                        2.0909
                        2.0909
                    |]
                Tolerance = 2e-4
                Compute = torus
            }
            {
                Id = "S5c"
                What = "torus R = 2, r = .8: E cos φ, E (R + r cos φ)², total variation of uniform φ (quadrature)"
                Exact = [| 0.2; 4.96; 0.12732 |]
                Tolerance = 1e-4
                Compute = torusAverages
            }
        ]
