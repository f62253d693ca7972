namespace Koopman.Experiments

open System.Diagnostics
open Koopman
open Koopman.Cli
open TorchSharp
open Koopman.Particles

/// <summary>Timings of an iteration of the particle flow, and their growth with the number of particles.</summary>
[<RequireQualifiedAccess>]
module ParticleBench =

    let private dimension = 3

    /// The products and the exponential pass of one iteration: exponents of M particles and N Gaussians, the mean, and the gradient with the sum it needs.
    let private floorOf (runs: int) (particles: int) (count: int) : float =
        use _ = torch.NewDisposeScope()
        let piece = min particles 2048
        let left = torch.zeros (int64 piece, int64 (dimension + 2), dtype = torch.float64)
        let right = torch.zeros (int64 (dimension + 2), int64 count, dtype = torch.float64)
        let values = torch.zeros (int64 piece, int64 count, dtype = torch.float64)
        let mean = torch.zeros (1L, int64 count, dtype = torch.float64)
        let ones = torch.ones (1L, int64 piece, dtype = torch.float64)

        let weights =
            torch.zeros (int64 count, int64 (dimension + 1), dtype = torch.float64)

        let slope = torch.zeros (int64 piece, int64 (dimension + 1), dtype = torch.float64)
        let zero, one = 0.0f, 1.0f

        Bench.time runs (fun () ->
            for _ in 0..piece .. particles - 1 do
                values.addmm_(left, right, zero, one).exp_() |> ignore
                mean.addmm_ (ones, values, zero, one) |> ignore
                slope.addmm_ (values, weights, zero, one) |> ignore)
        |> Bench.median

    /// A field of Gaussians over normal data, its parts, and shifted starting particles.
    let private prepared (particles: int) (count: int) (work: ParticleField -> Samples -> Samples -> 'T) =
        result {
            use points = Bench.normal 2000 dimension 1
            use! data = Samples.ofTensor points

            use! observables =
                Observables.gaussiansOver
                    { Observables.automatic with
                        Centres = Some count
                    }
                    data

            use! field = ParticleField.fullRank 0.0 1.0 observables data
            use from = Bench.normal particles dimension 2
            use! start = Samples.ofTensor (from.mul_ ((0.5).ToScalar()))
            return work field data start
        }

    /// Iterations only: no guard, no jitter, no early stop.
    let private bare (iterations: int) : ParticleOptions =
        { ParticleFlow.defaults with
            Iterations = iterations
            Tolerance = 0.0
            GuardEvery = 0
            Jitter = 0.0
        }

    let private flow (options: ParticleOptions) (field: ParticleField) (data: Samples) (start: Samples) : unit =
        let line = Manifold.euclidean dimension

        use particles =
            (ParticleFlow.follow Control.none options (Seed.ofInt 1) line field data start
             |> Outcome.get)
                .Particles

        ignore particles

    let private iteration (runs: int) (iterations: int) (particles: int) : Outcome<BenchRow> =
        let count = 150

        prepared particles count (fun field data start ->
            let seconds =
                Bench.time runs (fun () -> flow (bare iterations) field data start)
                |> Array.map (fun s -> s / float iterations)

            { Bench.row
                  $"iteration_{particles}"
                  $"one iteration, {particles:N0} particles, {count} Gaussians, d = {dimension}"
                  seconds
                  (floorOf runs particles count) with
                Extra = [ "nanoseconds_a_particle", 1e9 * Bench.median seconds / float particles ]
            })

    /// With guards and jitter, as in normal use.
    let private whole (runs: int) (particles: int) : Outcome<BenchRow> =
        prepared particles 150 (fun field data start ->
            let seconds =
                Bench.time runs (fun () -> flow ParticleFlow.defaults field data start)

            Bench.row
                $"flow_{particles}"
                $"a flow with default options, including guards and jitter, {particles:N0} particles"
                seconds
                nan)

    /// The additional memory while very many particles move.
    let private memory (particles: int) : Outcome<BenchRow> =
        prepared particles 150 (fun field data start ->
            let peak () =
                use now = Process.GetCurrentProcess()
                float now.PeakWorkingSet64 / 1e6

            let before = peak ()
            let watch = Stopwatch.StartNew()
            flow (bare 2) field data start

            { Bench.row
                  $"memory_{particles}"
                  $"two iterations of {particles:N0} particles ({24.0 * float particles / 1e6:F0} MB): additional memory of the process"
                  [| watch.Elapsed.TotalSeconds |]
                  nan with
                Extra = [ "added_megabytes", peak () - before ]
            })

    /// <summary>The rows by kind. Memory is measured first.</summary>
    let kinds (quick: bool) : (string * (unit -> Outcome<BenchRow>)) list =
        let runs = if quick then 3 else 7

        [
            "memory", (fun () -> memory (if quick then 100_000 else 1_000_000))
            "iteration", (fun () -> iteration runs 30 2_000)
            "iteration", (fun () -> iteration runs 5 20_000)
            "iteration", (fun () -> iteration (min runs 3) 2 200_000)
            if not quick then
                "iteration", (fun () -> iteration 3 1 1_000_000)
            "flow", (fun () -> whole runs 2_000)
        ]
