namespace Koopman

open System
open System.Numerics
open TorchSharp

/// The score of a dictionary on held-out data; larger is better. One number per fold.
[<RequireQualifiedAccess>]
module internal SelectionScores =

    /// The sums over each fold, and for each fold the score from the sums over all others and over itself.
    let private crossed
        (sums: struct (int * int) -> Moments)
        (folds: struct (int * int)[])
        (score: Moments -> Moments -> struct (int * int) -> Outcome<float>)
        : Outcome<float[]> =
        let parts = Array.map sums folds
        use _ = Fitting.disposeAll parts

        [ 0 .. folds.Length - 1 ]
        |> Outcome.collect (fun fold ->
            use _ = Tensors.scope ()
            use fitted = Moments.merge (Array.removeAt fold parts)
            score fitted parts[fold] folds[fold])
        |> Result.map Array.ofList

    /// The matrix of 1 and of (ψ - m)ᵀV, from that of ψ and the mean of ψ over the same data. `unit` is the entry of 1 with itself, and its row
    /// is `unit` times the means.
    let private withConstant (unit: float) (m: Tensor) (vectors: Tensor) (mean: Tensor) (matrix: Tensor) : Tensor =
        let cross = mean.outer m + m.outer mean


        let inside = vectors.t().times(matrix - unit * (cross - m.outer m)).times vectors

        let row = (unit * (mean - m).times vectors).unsqueeze 0L
        let corner = torch.full ([| 1L; 1L |], Tensors.num unit, dtype = torch.float64)
        torch.cat ([| torch.cat ([| corner; row |], 1L); torch.cat ([| row.t (); inside |], 1L) |], 0L)

    /// VAMP-E of the `rank` leading modes of reversible EDMD, including the constant: Σ 2λ A_kk - Σ λλ' G².
    let reversible
        (rank: int)
        (cut: float)
        (observables: Observables)
        (pairs: SnapshotPairs)
        (folds: struct (int * int)[])
        =
        crossed
            (fun (struct (start, length)) -> Moments.ofPairs observables (start, length) pairs)
            folds
            (fun train test _ ->
                Fitting.solve cut Fitting.Descending [| train |]
                |> Result.map (fun fit ->
                    let fit = Fitting.take (min (rank - 1) fit.Values.Length) fit
                    let half = 0.5 / test.Weight
                    let mean = (test.Sum0 + test.Sum1) * half
                    let gram = (test.C00 + test.C11) * half
                    let form = (test.C01 + test.C01.t ()) * half
                    let lambda = Tensors.ofVector (Array.append [| 1.0 |] fit.Values)
                    let gram = withConstant 1.0 fit.Mean fit.Vectors mean gram
                    let form = withConstant 1.0 fit.Mean fit.Vectors mean form
                    let gain = form.diagonal().dot(lambda).ToDouble()
                    let cost = (gram.square () * lambda.outer lambda).sum().ToDouble()
                    2.0 * gain - cost))

    /// tr[(S/c + G)⁻¹ G] of the `rank` slowest modes of the Dirichlet form, including the constant: bounded by the rank, also on a fold that
    /// lacks a well. The unit c of rates is that of a Gaussian law as wide as the data.
    let dirichlet
        (temperature: float)
        (rank: int)
        (cut: float)
        (observables: Observables)
        (samples: Samples)
        (folds: struct (int * int)[])
        : Outcome<float[]> =
        let unit =
            Tensors.within (fun () ->
                temperature * float samples.Dimension
                / (Samples.covariance samples).trace().ToDouble())

        crossed
            (fun (struct (start, length)) -> Moments.ofSamples observables temperature (start, length) samples)
            folds
            (fun train test _ ->
                Fitting.solve cut Fitting.Ascending [| train |]
                |> Result.map (fun fit ->
                    let fit = Fitting.take (min (rank - 1) fit.Values.Length) fit
                    let per = 1.0 / test.Weight
                    let mean = per * test.Sum0
                    let gram = withConstant 1.0 fit.Mean fit.Vectors mean (per * test.C00)
                    let form = withConstant 0.0 fit.Mean fit.Vectors mean (per * test.C01)
                    let sum = gram + 1.0 / unit * form
                    torch.linalg.pinv(sum, rtol = 1e-10, hermitian = true).times(gram).trace().ToDouble()))

    /// K = G⁺A from sums, its eigenvalues and right eigenvectors, and C with x ≈ Cᵀψ.
    let private operator (cut: float) (train: Moments) =
        let per = 1.0 / train.Weight

        LinearAlgebra.whiten cut (per * train.C00)
        |> Result.map (fun basis ->
            let pseudo = basis.times (basis.t ())
            struct (basis, pseudo.times (per * train.C01), pseudo.times (per * train.State)))

    /// Minus the mean of the `count` smallest relative residuals ‖φ(y) - λφ(x)‖/‖φ‖ of modes on held-out pairs.
    let residuals
        (count: int)
        (cut: float)
        (observables: Observables)
        (pairs: SnapshotPairs)
        (folds: struct (int * int)[])
        : Outcome<float[]> =
        crossed
            (fun (struct (start, length)) -> Moments.ofPairs observables (start, length) pairs)
            folds
            (fun train _ (struct (start, length)) ->
                operator cut train
                |> Result.bind (fun (struct (basis, k, _)) ->
                    let inner = basis.t().times(1.0 / train.Weight * train.C00).times(k).times basis

                    LinearAlgebra.generalEigen (fun value -> -(Complex.Abs value)) inner
                    |> Result.map (fun eigen ->
                        let re = eigen.Values |> Array.map _.Real |> Tensors.ofVector
                        let im = eigen.Values |> Array.map _.Imaginary |> Tensors.ofVector
                        let right = struct (basis.times eigen.Right.real, basis.times eigen.Right.imag)

                        let at (samples: Samples) =
                            let struct (real, imaginary) = right
                            let values = observables.Values(Tensors.rows start length samples.Points)
                            struct (values.times real, values.times imaginary)

                        let struct (xRe, xIm) = at pairs.From
                        let struct (yRe, yIm) = at pairs.To
                        let w = (Tensors.rows start length pairs.From.Weights).unsqueeze 1L

                        let size (a: Tensor) (b: Tensor) =
                            ((a.square () + b.square ()) * w).sum 0L

                        let eRe = yRe - xRe * re + xIm * im
                        let eIm = yIm - xRe * im - xIm * re

                        Tensors.toArray ((size eRe eIm / size xRe xIm).sqrt())
                        |> Array.sort
                        |> Array.truncate count
                        |> Array.average
                        |> (~-))))

    /// Minus the root mean square error of the state `horizon` lags ahead, in standard deviations of the coordinates.
    let forecast
        (horizon: int)
        (cut: float)
        (observables: Observables)
        (pairs: SnapshotPairs)
        (folds: struct (int * int)[])
        : Outcome<float[]> =
        let reach = (horizon - 1) * pairs.Stride
        let starts = pairs.Starts

        let nextStart (row: int) =
            let found = Array.BinarySearch(starts, row + 1)
            let next = if found >= 0 then found else ~~~found
            if next < starts.Length then starts[next] else pairs.Count

        crossed
            (fun (struct (start, length)) -> Moments.ofPairs observables (start, length) pairs)
            folds
            (fun train _ (struct (start, length)) ->
                let rows =
                    [| start .. start + length - 1 - reach |]
                    |> Array.filter (fun row -> row + reach < nextStart row)

                if rows.Length = 0 then
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"No run in a fold of {length} pairs is {horizon} lags long"
                        "Use longer runs or a shorter horizon"
                else
                    operator cut train
                    |> Result.map (fun (struct (_, k, output)) ->
                        let index (shift: int) =
                            Tensors.ofIndices (rows |> Array.map (fun row -> int64 (row + shift)))

                        let mutable later = output

                        for _ in 1..horizon do
                            later <- k.times later

                        let x = pairs.From.Points.index_select (0L, index 0)
                        let y = pairs.To.Points.index_select (0L, index reach)
                        let spread = pairs.To.Points.std (0L, false)
                        let error = ((observables.Values x).times(later) - y) / spread
                        let found = -(error.square().mean().sqrt().ToDouble())
                        // A diverging forecast has the worst score.
                        if Double.IsNaN found then
                            Double.NegativeInfinity
                        else
                            found))
