namespace Koopman.Experiments

open System
open System.IO
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp

/// <summary>Images with values from 0 to 1 and their classes: some for training, some held out.</summary>
[<NoComparison; NoEquality>]
type Digits =
    {
        Height: int
        Width: int
        Known: Samples
        KnownLabels: int[]
        Held: Samples
        HeldLabels: int[]
    }

    interface IDisposable with
        /// <summary>Frees the images.</summary>
        member this.Dispose() =
            (this.Known :> IDisposable).Dispose()
            (this.Held :> IDisposable).Dispose()

/// <summary>Reads digits, shows them, and compares their predicted classes.</summary>
[<RequireQualifiedAccess>]
module DigitImages =

    /// <summary>Reads the images of a folder; the last fifth is held out.</summary>
    let read (folder: string) : Outcome<Digits> =
        result {
            let! path = Idx.findImages folder
            let! images = Idx.read path

            let labels =
                FileInfo(path)
                    .Name.Replace("images", "labels", StringComparison.Ordinal)
                    .Replace("idx3", "idx1", StringComparison.Ordinal)

            let! classes = Idx.read (Path.Combine(folder, labels))

            if images.Shape.Length <> 3 || classes.Values.Length <> images.Shape[0] then
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"'{path}' and '{labels}' are not images with one label each"
                        "Give the files of one set"
            else
                let size = images.Shape[1] * images.Shape[2]
                let known = images.Shape[0] * 4 / 5
                let pixels = images.Values |> Array.map (fun v -> v / 255.0)
                let labels = classes.Values |> Array.map int
                let! first = Samples.ofValues size pixels[.. known * size - 1]
                let! rest = Samples.ofValues size pixels[known * size ..]

                return
                    {
                        Height = images.Shape[1]
                        Width = images.Shape[2]
                        Known = first
                        KnownLabels = labels[.. known - 1]
                        Held = rest
                        HeldLabels = labels[known..]
                    }
        }

    /// <summary>The images averaged over squares of this many pixels.</summary>
    let pooled (side: int) (digits: Digits) : Outcome<Digits> =
        let rows, columns = digits.Height / side, digits.Width / side

        let pool (images: Samples) =
            use _ = torch.NewDisposeScope()

            images.Points
                .reshape(-1L, int64 digits.Height, int64 digits.Width)
                .narrow(1L, 0L, int64 (rows * side))
                .narrow(2L, 0L, int64 (columns * side))
                .reshape(-1L, int64 rows, int64 side, int64 columns, int64 side)
                .mean([| 2L; 4L |])
                .reshape(-1L, int64 (rows * columns))
            |> Samples.ofTensor

        result {
            let! known = pool digits.Known
            let! held = pool digits.Held

            return
                { digits with
                    Height = rows
                    Width = columns
                    Known = known
                    Held = held
                }
        }

    /// <summary>The first images in a grid.</summary>
    let picture (digits: Digits) (caption: string) (pixels: Samples) : Block =
        ImagePlot.ofSamples { ImagePlot.defaults with Down = 2 } caption digits.Height digits.Width pixels
        |> Block.Chart

    /// <summary>The fraction of rows with the same class in both.</summary>
    let agreement (one: int[]) (other: int[]) : float =
        Array.map2 (fun a b -> if a = b then 1.0 else 0.0) one other |> Array.average

    /// <summary>The same among the three quarters of the rows with the largest probability in the first, which is independent of the calibration of
    /// the classifier.</summary>
    let agreementWhereSure (sure: float[]) (one: int[]) (other: int[]) : float =
        let rows =
            [| 0 .. one.Length - 1 |]
            |> Array.sortBy (fun i -> -sure[i])
            |> Array.truncate (max 1 (3 * one.Length / 4))

        agreement (rows |> Array.map (fun i -> one[i])) (rows |> Array.map (fun i -> other[i]))
