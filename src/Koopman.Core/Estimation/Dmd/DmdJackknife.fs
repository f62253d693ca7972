namespace Koopman

open System.Numerics
open TorchSharp

/// Error bars and held-out residuals of dynamic mode decomposition: the operator is refitted without each block of the snapshots in turn, in
/// the directions found from all of them.
module internal DmdJackknife =

    /// The results of the fits without a block for the leading modes.
    [<NoComparison; NoEquality>]
    type Shown =
        {
            /// Standard errors of rate and frequency; NaN if some refit fails.
            Errors: struct (float * float)[]
            /// ‖φ(y) - λφ(x)‖/‖φ‖ over the blocks left out, each by the fit without it; NaN if some refit fails.
            Residuals: float[]
        }

    /// With many directions each refit is expensive, and a few blocks are enough for error bars.
    let private blocks (directions: int64) (pairs: SnapshotPairs) : struct (int * int)[] =
        Blocks.ofPairs (if directions <= 50L then 20 else 8) pairs

    let private rowsOf (struct (start: int, length: int)) (snapshots: DmdData.Snapshots) : DmdData.Snapshots =
        let cut (tensor: Tensor) =
            tensor.narrow (0L, int64 start, int64 length)

        {
            From = cut snapshots.From
            To = cut snapshots.To
            Inputs = Option.map cut snapshots.Inputs
            Explained = None
        }

    let private allBut (struct (start: int, length: int)) (snapshots: DmdData.Snapshots) : DmdData.Snapshots =
        let n = snapshots.From.shape[0]
        let after = int64 (start + length)

        let cut (tensor: Tensor) =
            torch.cat ([| tensor.narrow (0L, 0L, int64 start); tensor.narrow (0L, after, n - after) |], 0L)

        let inputs = Option.map cut snapshots.Inputs

        {
            From = cut snapshots.From
            To = cut snapshots.To
            Inputs = inputs
            Explained =
                if snapshots.Explained.IsSome then
                    inputs |> Option.map DmdData.span
                else
                    None
        }

    /// The fit without a block: eigenvalues of the modes, and on the block ‖φ(y) - λφ(x)‖² and ‖φ(x)‖² of each.
    let private without
        (refit: DmdData.Snapshots -> Outcome<struct (Tensor * Tensor option)>)
        (convention: Convention)
        (basis: Tensor, inverse: Tensor)
        (whole: GeneralEigen)
        (count: int)
        (snapshots: DmdData.Snapshots)
        (block: struct (int * int))
        : Outcome<struct (Complex[] * float[] * float[])> =
        result {
            use _ = Tensors.scope ()
            let! struct (matrix, input) = refit (allBut block snapshots)
            let! eigen = OperatorMatrix.eigen convention (inverse.times(matrix).times basis)

            let overlap =
                whole.Left.narrow(1L, 0L, int64 count).conj().t().resolve_conj().times(eigen.Right).abs()

            let lengths = eigen.Right.abs().square().sum(0L).sqrt()

            let places =
                OperatorMatrix.matching
                    whole.Values
                    count
                    (Tensors.toArray overlap)
                    (Tensors.toArray lengths)
                    eigen.Values

            let values = places |> Array.map (fun place -> eigen.Values[place])

            let vectors =
                eigen.Right.index_select (1L, Tensors.ofIndices (Array.map int64 places))

            let out = rowsOf block snapshots

            let driven =
                match out.Inputs, input with
                | Some u, Some b -> out.To - u.times b
                | _ -> out.To

            let along (z: Tensor) =
                LinearAlgebra.timesComplex (z.times basis) vectors

            let squares (z: Tensor) =
                Tensors.toArray (z.abs().square().sum 0L)

            let now = along out.From
            return struct (values, squares (along driven - now * Tensors.complexVector values), squares now)
        }

    /// <summary>Fits without each block in turn.</summary>
    /// <param name="refit">The operator K (r, r) and the effect of the inputs B (m, r) from snapshots in the directions.</param>
    /// <param name="frame">W and its inverse, Wᵀ⟨zzᵀ⟩W = 1, in which the eigenvectors are given.</param>
    /// <param name="whole">The modes of all data.</param>
    /// <param name="count">The number of leading modes.</param>
    /// <param name="snapshots">States and successors in the directions (n, r).</param>
    /// <param name="pairs">The pairs that the snapshots were made from.</param>
    let run
        (refit: DmdData.Snapshots -> Outcome<struct (Tensor * Tensor option)>)
        (frame: Tensor * Tensor)
        (whole: GeneralEigen)
        (count: int)
        (snapshots: DmdData.Snapshots)
        (pairs: SnapshotPairs)
        : Shown =
        let convention = PropagatorAtLag pairs.Lag
        let parts = blocks snapshots.From.shape[1] pairs

        match parts |> Outcome.collect (without refit convention frame whole count snapshots) with
        | Error _ ->
            {
                Errors = Array.create count struct (nan, nan)
                Residuals = Array.create count nan
            }
        | Ok found ->
            let weights =
                parts
                |> Array.map (fun (struct (start, length)) ->
                    Tensors.within (fun () -> (Tensors.rows start length pairs.From.Weights).sum().ToDouble()))

            // Relative to the eigenvalue of the fit to all data, so that a frequency near π/lag does not jump to its negative.
            let exponents (k: int) =
                found
                |> List.map (fun (struct (values, _, _)) ->
                    Complex.Log(values[k] / whole.Values[k]) / Complex(pairs.Lag, 0.0))
                |> Array.ofList

            let sum (take: struct (Complex[] * float[] * float[]) -> float[]) (k: int) =
                found |> List.sumBy (fun part -> (take part)[k])

            {
                Errors =
                    Array.init count (fun k ->
                        let shifts = exponents k

                        struct (Jackknife.error weights 0.0 (shifts |> Array.map (fun s -> -s.Real)),
                                Jackknife.error weights 0.0 (shifts |> Array.map _.Imaginary)))
                Residuals =
                    Array.init count (fun k ->
                        sqrt (
                            sum (fun (struct (_, defect, _)) -> defect) k
                            / sum (fun (struct (_, _, length)) -> length) k
                        ))
            }
