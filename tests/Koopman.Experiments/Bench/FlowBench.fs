namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// <summary>Timings of training steps of flows and of one-step samples.</summary>
[<RequireQualifiedAccess>]
module FlowBench =

    let private data () : Outcome<Samples> =
        PlanarSets.draw PlanarSets.moons 20_000 (Seed.ofInt 1)

    /// Seconds of the matrix products of a network's layers, repeated, for a batch of float32 rows.
    let private productsOf (runs: int) (rows: int) (sizes: int list) (times: int) : float =
        use _ = torch.NewDisposeScope()

        let layers =
            List.pairwise sizes
            |> List.map (fun (from, into) ->
                torch.zeros (int64 rows, int64 from, dtype = torch.float32),
                torch.zeros (int64 from, int64 into, dtype = torch.float32))

        Bench.time runs (fun () ->
            for _ in 1..times do
                for x, w in layers do
                    x.times(w).Dispose())
        |> Bench.median

    let private sizes: int list = 3 :: Net.mlpDefaults.Widths @ [ 2 ]

    let private perStep (name: string) (what: string) (steps: int) (seconds: float[]) (floor: float) : BenchRow =
        let each = seconds |> Array.map (fun s -> s / float steps)

        { Bench.row name what each floor with
            Extra = [ "steps_per_second", 1.0 / Bench.median each ]
        }

    let private shorten (steps: int) (descent: DescentOptions) : DescentOptions = { descent with Steps = steps }

    let private teacher (runs: int) (steps: int) : Outcome<BenchRow> =
        result {
            use! data = data ()
            let options = FlowMatching.defaults

            let options =
                { options with
                    Descent = shorten steps options.Descent
                }

            let seconds =
                Bench.time runs (fun () ->
                    use _ =
                        FlowMatching.train Control.none options (Seed.ofInt 1) None data |> Outcome.get

                    ())

            let widths = String.Join(", ", Net.mlpDefaults.Widths)

            // Forward, and backward by weights and by inputs.
            return
                perStep
                    "teacher"
                    $"a step of flow matching, layers of {widths}, batch {options.Batch}, float32"
                    steps
                    seconds
                    (productsOf (10 * runs) options.Batch sizes 3)
        }

    let private student (runs: int) (steps: int) (name: string) : Outcome<BenchRow> =
        result {
            use! data = data ()
            let teacher = VelocityField.ofFunction 2 (fun _ x -> x)

            let options =
                Distillation.recipes |> List.find (fun (known, _) -> known = name) |> snd

            let options =
                { options with
                    Draws = { options.Draws with Paths = 256 }
                    Descent = shorten steps options.Descent
                }

            let seconds =
                Bench.time runs (fun () ->
                    use _ =
                        Distillation.train Control.none options (Seed.ofInt 1) teacher None data
                        |> Outcome.get

                    ())

            return
                perStep
                    $"student_{name}"
                    $"a step of a student by the recipe {name}, without its teacher"
                    steps
                    seconds
                    nan
        }

    let private sample (runs: int) (rows: int) : Outcome<BenchRow> =
        result {
            use! lift = LinearFlow.create LinearFlow.defaults (Seed.ofInt 1) 2
            use sampler = OneStep.create lift
            use noise = (Bench.normal rows 2 3).to_type torch.float32

            let seconds =
                Bench.time runs (fun () -> (OneStep.sample sampler noise |> Outcome.get).Dispose())

            return
                Bench.row
                    $"sample_{rows}"
                    $"{rows:N0} one-step samples in the plane"
                    seconds
                    (productsOf runs rows (3 :: Net.mlpDefaults.Widths @ [ LinearFlow.defaults.Features; 2 ]) 1)
        }

    /// <summary>The rows by kind.</summary>
    let kinds (quick: bool) : (string * (unit -> Outcome<BenchRow>)) list =
        let runs, steps = if quick then 3, 200 else 7, 500

        [
            "teacher", (fun () -> teacher runs steps)
            for name in [ "default"; "solver-free"; "strict" ] do
                "student", (fun () -> student (min runs 3) (steps / 2) name)
            "sample", (fun () -> sample (10 * runs) 10_000)
        ]
