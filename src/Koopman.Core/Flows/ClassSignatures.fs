namespace Koopman

open System
open TorchSharp

/// <summary>How classes differ in their modal coordinates, beside what simpler numbers tell.</summary>
[<NoComparison; NoEquality>]
type ClassSignatures =
    {
        /// <summary>The mean |α_k|² of each class, rows classes, columns modes, each mode scaled to mean 1 over all points.</summary>
        Energies: float[][]
        /// <summary>Distances of the rows of Energies.</summary>
        Distances: float[][]
        /// <summary>
        /// How often a point's class is that of the nearest class mean, by what the means are of: functions of modal coordinates, and the points themselves. Means are of the
        /// even rows, and the share is of the odd ones.
        /// </summary>
        Accuracies: (string * float) list
        /// <summary>The share of the most frequent class: what guessing reaches.</summary>
        Chance: float
    }

/// <summary>Finds what modes tell of classes.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ClassSignatures =

    /// The share of odd rows whose nearest class mean of the even rows, in deviations of those, is their own.
    let private accuracy (classes: int) (labels: int64[]) (values: Tensor) : float =
        Tensors.within (fun () ->
            let rows parity = [| parity..2 .. labels.Length - 1 |]

            let pick (indices: int[]) =
                values.index_select (0L, torch.tensor (Array.map int64 indices, dtype = torch.int64))

            let fit, test = rows 0, rows 1
            let known = pick fit
            let spread = known.std(0L, false).clamp_min(Tensors.num 1e-12)
            let known = known.div spread

            let means =
                [|
                    for c in 0L .. int64 classes - 1L do
                        let own = fit |> Array.indexed |> Array.filter (fun (_, row) -> labels[row] = c)
                        let index = torch.tensor (own |> Array.map (fst >> int64), dtype = torch.int64)
                        known.index_select(0L, index).mean [| 0L |]
                |]

            let nearest =
                torch.cdist((pick test).div spread, torch.stack (means, 0L)).argmin(1L).data<int64>().ToArray()

            let hits =
                Array.map2 (fun row (c: int64) -> if labels[row] = c then 1.0 else 0.0) test nearest

            Array.average hits)

    /// <summary>The signatures of classes in the modal coordinates of points at one time.</summary>
    /// <param name="time">The time of the points, 1 for data.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="classes">The class of each point, counted from 0.</param>
    /// <param name="points">The points (n, d).</param>
    let find
        (time: float)
        (modes: FlowModes)
        (classes: int[])
        (points: Samples)
        : Result<ClassSignatures, KoopmanError> =
        let count = 1 + (if classes.Length = 0 then 0 else Array.max classes)
        let sizes = Array.zeroCreate<int>(max 1 count)

        let shortOf () =
            for i, c in Array.indexed classes do
                if i % 2 = 0 && c >= 0 then
                    sizes[c] <- sizes[c] + 1

            Array.tryFindIndex ((=) 0) sizes

        if classes.Length <> points.Count || points.Dimension <> modes.Lift.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{classes.Length} classes and {points.Count} points of {points.Dimension} dimensions, for modes of {modes.Lift.Dimension}"
                "Give one class a point, and points of the space the lift was trained in"
        elif classes |> Array.exists (fun c -> c < 0) then
            KoopmanError.fail ErrorKind.InvalidSetting "A class is negative" "Count classes from 0"
        else
            match shortOf () with
            | Some empty ->
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"Class {empty} has no points in the even rows"
                    "Give points of every class in mixed order, and number the classes without gaps"
            | None ->
                use _ = torch.NewDisposeScope()
                let labels = Array.map int64 classes
                use alpha = FlowModes.coordinates time modes points.Points
                let energy = alpha.abs().square()
                let floor = Tensors.num 1e-12
                let x = points.Points
                let share (values: Tensor) = accuracy count labels values

                let relative = energy.div (energy.mean([| 0L |], true).clamp_min floor)

                let energies =
                    [|
                        for c in 0 .. count - 1 do
                            let own =
                                [|
                                    for i in 0 .. classes.Length - 1 do
                                        if classes[i] = c then
                                            int64 i
                                |]

                            relative.index_select(0L, torch.tensor (own, dtype = torch.int64)).mean([| 0L |])
                            |> Tensors.toArray
                    |]

                let gap (a: float[]) (b: float[]) =
                    sqrt (Array.fold2 (fun sum x y -> sum + (x - y) * (x - y)) 0.0 a b)

                Ok
                    {
                        Energies = energies
                        Distances = energies |> Array.map (fun a -> energies |> Array.map (gap a))
                        Accuracies =
                            [
                                "|α|²", share energy
                                "log |α|²", share (energy.clamp_min(floor).log())
                                "|α|", share (alpha.abs ())
                                "Re α, Im α", share (torch.cat ([| alpha.real; alpha.imag |], 1L))
                                "x²", share (x.square ())
                                "log x²", share (x.square().clamp_min(floor).log())
                                "x", share x
                            ]
                        Chance =
                            classes
                            |> Array.countBy id
                            |> Array.map snd
                            |> Array.max
                            |> fun most -> float most / float classes.Length
                    }
