namespace Koopman.Flows

open System.Numerics
open TorchSharp
open Koopman

/// <summary>The differences of classes in their modal coordinates, with those in simpler statistics for comparison.</summary>
[<NoComparison; NoEquality>]
type ClassSignatures =
    {
        /// <summary>The mean |α_k|² of each class, rows classes, columns modes, each mode scaled to mean 1 over all points.</summary>
        Energies: float[][]
        /// <summary>The distances between the rows of Energies.</summary>
        Distances: float[][]
        /// <summary>
        /// The fraction of points whose class is that of the nearest class mean, for several quantities: functions of modal coordinates, and the
        /// points themselves. The means are over every other point of a class, starting with the first; the fraction is over the rest.
        /// </summary>
        Accuracies: struct (string * float)[]
        /// <summary>The fraction of the most frequent class: the chance level.</summary>
        Chance: float
    }

/// <summary>Computes class signatures.</summary>
[<RequireQualifiedAccess>]
module ClassSignatures =

    /// The rows of every other point of each class, starting with the first, and all others.
    let private split (labels: int[]) : struct (int[] * int[]) =
        let seen = Array.zeroCreate<int>(1 + Array.max labels)

        let known =
            labels
            |> Array.map (fun c ->
                seen[c] <- seen[c] + 1
                seen[c] % 2 = 1)

        let rows wanted =
            [| 0 .. labels.Length - 1 |] |> Array.filter (fun row -> known[row] = wanted)

        struct (rows true, rows false)

    /// The fraction of test rows whose nearest class mean over the training rows, in units of their standard deviations, is that of their own class.
    let private accuracy (classes: int) (labels: int64[]) (fit: int[]) (test: int[]) (values: Tensor) : float =
        Tensors.within (fun () ->
            let pick (indices: int[]) =
                values.index_select (0L, Tensors.ofIndices (Array.map int64 indices))

            let known = pick fit
            let spread = known.std(0L, false).clamp_min(Tensors.num 1e-12)
            let known = known / spread

            let means =
                [|
                    for c in 0L .. int64 classes - 1L do
                        let own = fit |> Array.indexed |> Array.filter (fun (_, row) -> labels[row] = c)
                        let index = Tensors.ofIndices (own |> Array.map (fst >> int64))
                        known.index_select(0L, index).mean [| 0L |]
                |]

            let nearest =
                Guarded.read<int64>(torch.cdist(pick test / spread, torch.stack (means, 0L)).argmin 1L)

            let hits =
                Array.map2 (fun row (c: int64) -> if labels[row] = c then 1.0 else 0.0) test nearest

            Array.average hits)

    /// <summary>
    /// The direction of each class in modal coordinates: the mean of α over its points minus the mean over all. <c>ShiftAlong</c> adds multiples of it.
    /// </summary>
    /// <param name="time">The time of the points, 0 for noise with the classes of its samples, 1 for data.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="classes">The class of each point, counted from 0.</param>
    /// <param name="points">The points (n, d).</param>
    /// <returns>One direction (d+m) for each class; or an error if there is not one class per point, or a class without points.</returns>
    let directions (time: float) (modes: FlowSpectrum) (classes: int[]) (points: Samples) : Outcome<Complex[][]> =
        Require.all {
            Require.sameCount ("classes", classes.Length) ("points", points.Count)

            Require.dimension modes.Lift.Dimension "the points" points.Dimension
            |> Require.advise "Give points of the space in which the lift was trained"

            Require.each (Require.atLeast 0) "classes" classes
        }
        |> Result.bind (fun () ->
            let count = 1 + Array.max classes

            match Seq.except classes (seq { 0 .. count - 1 }) |> Seq.tryHead with
            | Some empty ->
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"Class {empty} has no points"
                    "Give points of every class, and number the classes without gaps"
            | None ->
                use _ = Tensors.scope ()
                use found = FlowSpectrum.coordinates time modes points.Points
                // For several sites the mean over them.
                let alpha = found.reshape(int64 points.Count, -1L, found.shape[1]).mean [| 1L |]
                let middle = alpha.mean [| 0L |]

                let toNumbers (row: Tensor) =
                    Array.map2
                        (fun re im -> Complex(re, im))
                        (Tensors.toArray (row.real.contiguous ()))
                        (Tensors.toArray (row.imag.contiguous ()))

                Ok
                    [|
                        for c in 0 .. count - 1 do
                            let own =
                                classes
                                |> Array.indexed
                                |> Array.filter (fun (_, found) -> found = c)
                                |> Array.map (fst >> int64)

                            toNumbers (alpha.index_select(0L, Tensors.ofIndices own).mean([| 0L |]) - middle)
                    |])

    /// <summary>The signatures of classes in the modal coordinates of points at one time.</summary>
    /// <param name="time">The time of the points, 1 for data.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="classes">The class of each point, counted from 0.</param>
    /// <param name="points">The points (n, d).</param>
    let find (time: float) (modes: FlowSpectrum) (classes: int[]) (points: Samples) : Outcome<ClassSignatures> =
        // The first class with fewer than two points.
        let scarce () =
            let sizes = classes |> Array.countBy id |> Map.ofArray

            [ 0 .. Array.max classes ]
            |> List.tryFind (fun c -> sizes |> Map.tryFind c |> Option.defaultValue 0 < 2)

        Require.all {
            Require.sameCount ("classes", classes.Length) ("points", points.Count)

            Require.dimension modes.Lift.Dimension "the points" points.Dimension
            |> Require.advise "Give points of the space in which the lift was trained"

            Require.each (Require.atLeast 0) "classes" classes
        }
        |> Result.bind (fun () ->
            match scarce () with
            | Some few ->
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"Class {few} has fewer than two points"
                    "Give at least one point for the mean and one for the test of every class, and number the classes without gaps"
            | None ->
                let count = 1 + Array.max classes
                let struct (fit, test) = split classes
                use _ = Tensors.scope ()
                let labels = Array.map int64 classes
                use found = FlowSpectrum.coordinates time modes points.Points
                // For several sites, those of one point are concatenated.
                let alpha = found.reshape (int64 points.Count, -1L)
                let energy = alpha.abs().square()
                let bySite = energy.reshape (int64 points.Count, -1L, found.shape[1])
                let mean = bySite.mean [| 1L |]
                let floor = Tensors.num 1e-12
                let x = points.Points
                let share (values: Tensor) = accuracy count labels fit test values

                let relative = mean / mean.mean([| 0L |], true).clamp_min floor

                let energies =
                    [|
                        for c in 0 .. count - 1 do
                            let own =
                                [|
                                    for i in 0 .. classes.Length - 1 do
                                        if classes[i] = c then
                                            int64 i
                                |]

                            relative.index_select(0L, Tensors.ofIndices own).mean([| 0L |])
                            |> Tensors.toArray
                    |]

                let gap (a: float[]) (b: float[]) =
                    sqrt (Array.fold2 (fun sum x y -> sum + (x - y) * (x - y)) 0.0 a b)

                Ok
                    {
                        Energies = energies
                        Distances = energies |> Array.map (fun a -> energies |> Array.map (gap a))
                        Accuracies =
                            [|
                                struct ("|α|²", share energy)
                                struct ("log |α|²", share (energy.clamp_min(floor).log()))
                                struct ("|α|", share (alpha.abs ()))
                                struct ("Re α, Im α", share (torch.cat ([| alpha.real; alpha.imag |], 1L)))
                                struct ("x²", share (x.square ()))
                                struct ("log x²", share (x.square().clamp_min(floor).log()))
                                struct ("x", share x)
                            |]
                        Chance =
                            classes
                            |> Array.countBy id
                            |> Array.map snd
                            |> Array.max
                            |> fun most -> float most / float classes.Length
                    })
