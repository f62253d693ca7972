namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>The meaning of ‖(K - z)φ‖ for data whose successors may be random.</summary>
type PseudospectrumKind =
    /// <summary>
    /// E|φ(y) - zφ(x)|²: the residual itself if y is a function of x (Colbrook and Townsend 2024). If y is random it also includes the variance
    /// of φ(y): the variance-pseudospectrum (Colbrook, Li, Raut and Townsend 2024), an upper bound of the residual.
    /// </summary>
    | Pairs = 0
    /// <summary>‖P(K - z)φ‖ with the projection P on the observables: free of noise, but without the part outside their span.</summary>
    | Projected = 1
    /// <summary>As Pairs with ⟨φ(y)φ(y')⟩ of second successors in place of ⟨φ(y)²⟩: the residual itself for random successors too.</summary>
    | SecondSuccessors = 2

/// <summary>Settings of pseudospectra.</summary>
type PseudospectrumOptions =
    {
        /// <summary>The meaning of the residual. Default Pairs.</summary>
        Kind: PseudospectrumKind
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
    }

/// <summary>A rectangle of the complex plane and its resolution.</summary>
type PlaneOptions =
    {
        /// <summary>The range along the real axis.</summary>
        Real: float * float
        /// <summary>The range along the imaginary axis. If symmetric, half of it is computed: the residual at conj(z) is that at z.</summary>
        Imaginary: float * float
        /// <summary>Points along the real axis, at least 2.</summary>
        Columns: int
        /// <summary>Points along the imaginary axis, at least 2.</summary>
        Rows: int
    }

/// <summary>The smallest residual over a grid of the complex plane.</summary>
[<NoComparison>]
type PseudospectrumGrid =
    {
        /// <summary>The real parts of the columns.</summary>
        Real: float[]
        /// <summary>The imaginary parts of the rows, ascending.</summary>
        Imaginary: float[]
        /// <summary>The residuals, [row, column].</summary>
        Residuals: float[,]
    }

    /// <summary>
    /// The set where the residual is below ε: with enough data of a deterministic system each such z lies in the ε-pseudospectrum of K itself,
    /// ‖(K - z)⁻¹‖ ≥ 1/ε, for any observables. Elsewhere better observables may lower the residual.
    /// </summary>
    member this.Verified(epsilon: float) : bool[,] =
        this.Residuals |> Array2D.map (fun residual -> residual < epsilon)

/// <summary>Functions φ of unit norm for which ‖(K - z)φ‖ is smallest, one for each z.</summary>
[<Sealed>]
type PseudoModes internal (observables: Observables, points: Complex[], residuals: float[], coefficients: Tensor) =

    let held = observables.Hold()

    /// <summary>The points z (m).</summary>
    member _.Points: Complex[] = Array.copy points

    /// <summary>‖(K - z)φ‖ (m).</summary>
    member _.Residuals: float[] = Array.copy residuals

    /// <summary>The coefficients (N, m), complex128, one function per column. Owned by this object.</summary>
    member _.Coefficients: Tensor = coefficients

    /// <summary>φ at n points (n, d), as (n, m), complex128. The caller owns it.</summary>
    member _.Values(at: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let values = observables.Values at
            LinearAlgebra.timesComplex values coefficients)

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensor and releases the observables.</summary>
        member _.Dispose() =
            coefficients.Dispose()
            held.Dispose()

/// <summary>
/// ‖(K - z)φ‖² as a Hermitian form in an orthonormal basis of the observables' span, for all z: C - zAᵀ - conj(z)A + |z|². It gives
/// residuals at any z.
/// </summary>
[<Sealed>]
type Pseudospectrum
    internal (observables: Observables, basis: Tensor, form: Tensor, square: Tensor, kind: PseudospectrumKind) =

    let held = observables.Hold()

    /// <summary>The functions.</summary>
    member _.Observables: Observables = observables

    /// <summary>The meaning of the residual.</summary>
    member _.Kind: PseudospectrumKind = kind

    /// <summary>The dimension r of the span.</summary>
    member _.Rank: int = int basis.shape[1]

    /// <summary>W (N, r) with WᵀGW = 1: an orthonormal basis of the span. Owned by this object.</summary>
    member this.Basis: Tensor = Tensors.alive this basis
    /// A (r, r).
    member internal _.Form: Tensor = form
    /// C (r, r).
    member internal _.Square: Tensor = square

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            for tensor in [ basis; form; square ] do
                tensor.Dispose()

            held.Dispose()

    override this.ToString() : string =
        $"pseudospectrum on {this.Rank} dimensions of {observables.Description}"

/// <summary>
/// Pseudospectra of the propagator by residual dynamic mode decomposition: the smallest ‖(K - z)φ‖/‖φ‖ over the span of the
/// observables. Residuals are roots of differences of moments: below about 1e-8 they are rounding errors. For the residuals of given
/// eigenpairs see <c>Diagnostics.residuals</c>.
/// </summary>
[<RequireQualifiedAccess>]
module Pseudospectrum =

    /// <summary>The residual of pairs, cut 1e-10.</summary>
    let defaults: PseudospectrumOptions =
        {
            Kind = PseudospectrumKind.Pairs
            RankTolerance = 1e-10
        }

    /// Σ w ψ(y)ψ(y')ᵀ, symmetrised, in units of the moments' weight.
    let private crossed (observables: Observables) (second: Samples) (pairs: SnapshotPairs) : Tensor =
        let n = int64 observables.Count
        let sum = torch.zeros (n, n, dtype = torch.float64)

        for struct (start, size) in Tensors.pieces (Tensors.pieceRows observables.Count) pairs.Count do
            use _ = Tensors.scope ()

            let weights =
                (float pairs.Count * Tensors.rows start size pairs.From.Weights).unsqueeze 1L

            let first = observables.Values(Tensors.rows start size pairs.To.Points)
            let other = observables.Values(Tensors.rows start size second.Points)
            sum.addmm_ (first.t (), other * weights) |> ignore

        LinearAlgebra.symmetrise sum

    let private create
        (options: PseudospectrumOptions)
        (observables: Observables)
        (moments: Moments)
        (secondGram: Tensor)
        : Outcome<Pseudospectrum> =
        result {
            let per = 1.0 / moments.Weight
            let gram = per * moments.C00
            let! basis = LinearAlgebra.whiten options.RankTolerance gram
            let form = basis.t().times(per * moments.C01).times basis

            let square =
                if options.Kind = PseudospectrumKind.Projected then
                    form.t().times form
                else
                    basis.t().times(per * secondGram).times basis


            return
                new Pseudospectrum(
                    observables,
                    Tensors.copy basis,
                    Tensors.copy form,
                    Tensors.copy square,
                    options.Kind
                )
        }

    let private checkCut (options: PseudospectrumOptions) : Outcome<unit> =
        Require.settings "Pseudospectrum.defaults" { Require.share "RankTolerance" options.RankTolerance }

    /// <summary>From pairs. Their weights count: nodes of a quadrature rule make the residuals those of exact integrals.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data; with second successors for <c>PseudospectrumKind.SecondSuccessors</c>.</param>
    let fit
        (options: PseudospectrumOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Outcome<Pseudospectrum> =
        result {
            do! checkCut options
            do! Fitting.check observables pairs.From
            use _ = Tensors.scope ()
            use moments = Moments.ofPairs observables (0, pairs.Count) pairs

            match options.Kind, pairs.Second with
            | PseudospectrumKind.SecondSuccessors, Some second ->
                return! create options observables moments (crossed observables second pairs)
            | PseudospectrumKind.SecondSuccessors, None ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The pairs carry no second successors"
                        "Add them with SnapshotPairs.withSecond, or use the kind Pairs or Projected"
            | _ -> return! create options observables moments moments.C11
        }

    /// The Hermitian forms at points z (m, r, r), complex128.
    let private forms (p: Pseudospectrum) (points: Complex[]) : Tensor =
        let column (part: Complex -> float) =
            (Tensors.ofVector (Array.map part points)).unsqueeze(1L).unsqueeze 1L

        let unit = torch.eye(int64 p.Rank, dtype = torch.float64).unsqueeze 0L
        let even = (p.Form + p.Form.t ()).unsqueeze 0L
        let odd = (p.Form - p.Form.t ()).unsqueeze 0L
        let size = column (fun z -> z.Real * z.Real + z.Imaginary * z.Imaginary)
        let re = p.Square.unsqueeze (0L) - even * column _.Real + unit * size
        torch.complex (re, odd * column _.Imaginary)

    let private checkPoints (points: Complex[]) : Outcome<unit> =
        Require.all {
            Require.notEmpty "points" points
            Require.each Require.finite "the real parts of the points" (points |> Seq.map _.Real)
            Require.each Require.finite "the imaginary parts of the points" (points |> Seq.map _.Imaginary)
        }
        |> Require.advise "Check how the points of the complex plane were computed"

    /// <summary>The smallest ‖(K - z)φ‖ over functions φ of unit norm, at each of the points z.</summary>
    /// <param name="control">Reports the fraction done, and can be cancelled, every few hundred points.</param>
    /// <param name="points">The points z.</param>
    /// <param name="pseudospectrum">The forms.</param>
    let residuals (control: Control<float>) (points: Complex[]) (pseudospectrum: Pseudospectrum) : Outcome<float[]> =
        let r = pseudospectrum.Rank
        let size = max 1 (min 1000 (4_000_000 / (r * r)))

        checkPoints points
        |> Result.map (fun () ->
            Tensors.pieces size points.Length
            |> Seq.map (fun (struct (start, count)) ->
                control.Cancellation.ThrowIfCancellationRequested()

                let values =
                    Tensors.within (fun () ->
                        torch.linalg.eigvalsh(forms pseudospectrum (Array.sub points start count)).select(1L, 0L)
                        |> Tensors.toArray)

                control.Report(float (start + count) / float points.Length)
                values |> Array.map (fun v -> sqrt (max 0.0 v)))
            |> Array.concat)

    /// <summary>The residuals over a rectangle.</summary>
    let grid
        (control: Control<float>)
        (plane: PlaneOptions)
        (pseudospectrum: Pseudospectrum)
        : Outcome<PseudospectrumGrid> =
        let (left, right), (low, high) = plane.Real, plane.Imaginary

        Require.all {
            Require.atLeast 2 "Columns" plane.Columns
            Require.atLeast 2 "Rows" plane.Rows
            Require.interval "Real" plane.Real
            Require.interval "Imaginary" plane.Imaginary
        }
        |> Require.advise "Give for example Real = (-1.2, 1.2), Imaginary = (-1.2, 1.2), Columns = 100, Rows = 100"
        |> Result.bind (fun () ->
            let line (a: float, b: float) (n: int) =
                Array.init n (fun i -> a + (b - a) * float i / float (n - 1))

            let re, im = line (left, right) plane.Columns, line (low, high) plane.Rows
            // Conjugate rows are equal for a real operator.
            let mirrored = low = -high
            let first = if mirrored then plane.Rows / 2 else 0

            let points =
                [|
                    for row in first .. plane.Rows - 1 do
                        for x in re -> Complex(x, im[row])
                |]

            residuals control points pseudospectrum
            |> Result.map (fun found ->
                {
                    Real = re
                    Imaginary = im
                    Residuals =
                        Array2D.init plane.Rows plane.Columns (fun row column ->
                            let row = if row < first then plane.Rows - 1 - row else row
                            found[(row - first) * plane.Columns + column])
                }))

    /// <summary>The functions with the smallest residual at these points: eigenfunctions if it is 0, else pseudo-eigenfunctions.</summary>
    let modes (points: Complex[]) (pseudospectrum: Pseudospectrum) : Outcome<PseudoModes> =
        checkPoints points
        |> Result.map (fun () ->
            use _ = Tensors.scope ()
            let struct (values, vectors) = torch.linalg.eigh (forms pseudospectrum points)
            let best = vectors.select(2L, 0L).t()

            let coefficients =
                Tensors.own (fun () -> LinearAlgebra.timesComplex pseudospectrum.Basis best)

            new PseudoModes(
                pseudospectrum.Observables,
                points,
                Tensors.toArray (values.select(1L, 0L).clamp_min((Tensors.num 0.0)).sqrt()),
                coefficients
            ))
