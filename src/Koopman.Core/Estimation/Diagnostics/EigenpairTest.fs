namespace Koopman

open System.Numerics
open TorchSharp
open Koopman.Learning

/// Eigenfunctions on rows of pairs, complex (n, K).
[<NoComparison; NoEquality>]
type internal TrialRows =
    {
        /// φ(x).
        Values: Tensor
        /// φ(y) - λ φ(x).
        Defect: Tensor
        /// The dual functions uᴴψ(x), not conjugated.
        Dual: Tensor
    }

/// <summary>
/// Eigenpairs to be tested on pairs: φ = (ψ - m)ᵀ v and dual functions, with their eigenvalues over one lag. The tensors live in
/// the dispose scope of the caller.
/// </summary>
[<Sealed>]
type internal EigenpairTest
    (
        observables: Observables,
        centre: Tensor,
        right: Tensor,
        left: Tensor,
        eigenvalues: Complex[],
        lag: float,
        input: Tensor option
    ) =

    let parts (functions: Tensor) (coefficients: Tensor) =
        if coefficients.is_complex () then
            LinearAlgebra.timesComplex functions coefficients
        else
            let values = functions.times coefficients
            torch.complex (values, torch.zeros_like values)

    let lambda () = Tensors.complexVector eigenvalues

    /// The leading modes of a spectrum over the lag of the pairs.
    static member OfSpectrum(count: int, lag: float, spectrum: Spectrum) : EigenpairTest =
        let leading (tensor: Tensor) = tensor.narrow (1L, 0L, int64 count)

        let evolve (exponent: Complex) =
            if exponent.Real = System.Double.NegativeInfinity then
                Complex.Zero
            else
                Complex.Exp(exponent * Complex(lag, 0.0))

        EigenpairTest(
            spectrum.Observables,
            spectrum.Centre,
            leading spectrum.Coefficients,
            leading spectrum.Dual,
            spectrum.Exponents |> Array.take count |> Array.map evolve,
            lag,
            None
        )

    member _.Observables: Observables = observables

    member _.Eigenvalues: Complex[] = eigenvalues

    member _.Lag: float = lag

    /// The eigenvalues as a complex tensor (K), in the dispose scope of the caller.
    member _.Lambda() : Tensor = lambda ()

    /// φ at points, in the dispose scope of the caller.
    member _.Values(points: Tensor) : Tensor =
        parts (observables.Values(points) - centre) right

    /// ∂φ/∂x_axis at points, in the dispose scope of the caller.
    member _.Slope(points: Tensor, axis: int) : Tensor =
        parts (observables.Partial(points, axis)) right

    /// The rows of pairs, in the dispose scope of the caller. The effect of known inputs on ψ(y) is subtracted.
    member _.Rows(pairs: SnapshotPairs, start: int, length: int) : TrialRows =
        let at (samples: Samples) =
            observables.Values(Tensors.rows start length samples.Points) - centre

        let x, y = at pairs.From, at pairs.To

        let y =
            match input, pairs.Inputs with
            | Some effect, Some inputs -> y - (Tensors.rows start length inputs).times effect
            | _ -> y

        let f = parts x right

        {
            Values = f
            Defect = parts y right - f * lambda ()
            Dual = parts x left
        }

    /// The rows of all pairs, in the dispose scope of the caller. Successors that are states of the same run are not evaluated again.
    member this.AllRows(pairs: SnapshotPairs) : TrialRows =
        let n, stride = pairs.Count, pairs.Stride

        let evaluated (points: Tensor) (coefficients: Tensor list) : Tensor[] =
            let pieces =
                [|
                    for struct (start, length) in Tensors.pieces 4096 (int points.shape[0]) do
                        let functions = observables.Values(Tensors.rows start length points) - centre
                        coefficients |> List.map (parts functions) |> Array.ofList
                |]

            Array.init coefficients.Length (fun i -> torch.cat (pieces |> Array.map (Array.item i), 0L))

        let both = evaluated pairs.From.Points [ right; left ]
        let f = both[0]

        let ends = Array.append (Array.tail pairs.Starts) [| n |]
        let known = Array.init n (fun t -> int64 t + int64 stride)

        for next in ends do
            for t in max 0 (next - stride) .. next - 1 do
                known[t] <- -1L

        let news =
            [| 0 .. n - 1 |] |> Array.filter (fun t -> known[t] < 0L) |> Array.map int64

        let next =
            if 2 * news.Length > n then
                (evaluated pairs.To.Points [ right ])[0]
            else
                let fresh =
                    (evaluated (pairs.To.Points.index_select (0L, Tensors.ofIndices news)) [ right ])[0]

                let all = f.index_select (0L, Tensors.ofIndices (known |> Array.map (max 0L)))
                all.index_copy_ (0L, Tensors.ofIndices news, fresh)

        let next =
            match input, pairs.Inputs with
            | Some effect, Some inputs -> next - parts (inputs.times effect) right
            | _ -> next

        {
            Values = f
            Defect = next - f * lambda ()
            Dual = both[1]
        }

    /// True for functions (n, K) that hardly vary over the states: their variance is less than a hundredth of ⟨|φ|²⟩.
    static member HardlyVary(values: Tensor) : bool[] =
        use _ = Tensors.scope ()
        let square = values.abs().square().mean([| 0L |])
        let mean = values.mean([| 0L |]).abs().square()
        Array.map2 (fun square mean -> square - mean < 0.01 * square) (Tensors.toArray square) (Tensors.toArray mean)

    /// The same for the eigenfunctions.
    member this.Constants(pairs: SnapshotPairs) : bool[] =
        Tensors.within (fun () ->
            let every = int64 (max 1 (pairs.Count / 2000))

            pairs.From.Points.slice (0L, 0L, int64 pairs.Count, every)
            |> this.Values
            |> EigenpairTest.HardlyVary)

    /// √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩) with coordinates in units of their standard deviation: the residual per unit of noise in the states; 0 for
    /// functions that hardly vary or have no gradients.
    member this.Sensitivity(pairs: SnapshotPairs) : float[] =
        if observables.IsDifferentiable then
            this.SteepnessAlong pairs
        else
            Array.zeroCreate eigenvalues.Length

    member private this.SteepnessAlong(pairs: SnapshotPairs) : float[] =
        use _ = Tensors.scope ()
        let every = int64 (max 1 (pairs.Count / 1000))

        let some (samples: Samples) =
            samples.Points.slice (0L, 0L, int64 pairs.Count, every)

        let x, y = some pairs.From, some pairs.To

        let spread = Tensors.toArray (x.``var`` (0L, false))

        let steepness (points: Tensor) =
            Array.init pairs.Dimension (fun axis ->
                use _ = Tensors.scope ()
                let slope = this.Slope(points, axis)
                Tensors.toArray (spread[axis] * (slope.real.square () + slope.imag.square ()).mean [| 0L |]))
            |> Array.reduce (Array.map2 (+))

        Array.map3
            (fun (lambda: Complex) before after ->
                let size = lambda.Real * lambda.Real + lambda.Imaginary * lambda.Imaginary
                let total = after + size * before
                if total > 1e-6 then sqrt total else 0.0)
            eigenvalues
            (steepness x)
            (steepness y)
