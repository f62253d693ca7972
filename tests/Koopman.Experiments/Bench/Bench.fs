namespace Koopman.Experiments

open System
open System.Diagnostics
open System.IO
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>One row of a table of timings.</summary>
[<NoComparison>]
type BenchRow =
    {
        /// <summary>A short name, the key in the JSON.</summary>
        Name: string
        /// <summary>The computation, with its sizes.</summary>
        What: string
        /// <summary>Seconds of every run.</summary>
        Seconds: float[]
        /// <summary>Median seconds of the unavoidable work, measured in the same process; NaN if there is no such bound.</summary>
        Floor: float
        /// <summary>Further numbers by name.</summary>
        Extra: (string * float) list
    }

/// <summary>The building blocks of all tables of timings.</summary>
[<RequireQualifiedAccess>]
module Bench =

    /// <summary>The median.</summary>
    let median (values: float[]) : float =
        MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace(Array.copy values)

    /// <summary>Seconds of each run, after one warm-up run.</summary>
    let time (runs: int) (work: unit -> unit) : float[] =
        work ()

        Array.init runs (fun _ ->
            let watch = Stopwatch.StartNew()
            work ()
            watch.Elapsed.TotalSeconds)

    /// <summary>A row without further numbers.</summary>
    let row (name: string) (what: string) (seconds: float[]) (floor: float) : BenchRow =
        {
            Name = name
            What = what
            Seconds = seconds
            Floor = floor
            Extra = []
        }

    /// <summary>Normal numbers, float64.</summary>
    let normal (rows: int) (columns: int) (seed: int) : Tensor =
        Seed.normal [| int64 rows; int64 columns |] (Seed.ofInt seed)

    /// <summary>Median seconds of one exponential pass over n x N numbers and a number of products of that size, in pieces of the library's
    /// size.</summary>
    let floorOf (runs: int) (rows: int) (count: int) (products: int) (withExponentials: bool) : float =
        let piece = if count <= 200 then 2048 else 512
        use values = torch.zeros (int64 piece, int64 count, dtype = torch.float64)
        use gram = torch.zeros (int64 count, int64 count, dtype = torch.float64)
        use transposed = values.t ()

        time runs (fun () ->
            for _ in 0..piece .. rows - 1 do
                if withExponentials then
                    // Zeros become ones and are reset: the time is that of one pass and a cheap write.
                    values.exp_().zero_() |> ignore

                for _ in 1..products do
                    gram.addmm_ (transposed, values) |> ignore)
        |> median
