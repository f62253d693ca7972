namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// The generator 𝓛 = d/dt of a semigroup of Koopman operators on the span of observables: 𝓛(ψᵀv) = ψᵀ(L v) with the matrix L (N, N).
/// </summary>
[<Sealed>]
type Generator internal (observables: Observables, matrix: Tensor, gram: Tensor, measure: string) =

    let held = observables.Hold()

    /// <summary>The functions it acts on.</summary>
    member _.Observables: Observables = observables

    /// <summary>L (N, N), float64: it maps coefficients to coefficients. Owned by this object.</summary>
    member this.Matrix: Tensor = Tensors.alive this matrix

    /// <summary>The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. Owned by this object.</summary>
    member this.Gram: Tensor = Tensors.alive this gram

    /// <summary>The measure that defines norms and angles of functions.</summary>
    member _.Measure: string = measure

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            matrix.Dispose()
            gram.Dispose()
            held.Dispose()

    override _.ToString() : string =
        $"generator on {observables.Description}"

/// <summary>The algebra of generators.</summary>
[<RequireQualifiedAccess>]
module Generator =

    let private like (generator: Generator) (matrix: Tensor) : Generator =
        new Generator(generator.Observables, matrix, Tensors.own (fun () -> generator.Gram.clone ()), generator.Measure)

    /// <summary>The generator with the matrix L (N, N) on coefficients, in a measure with the Gram matrix G (N, N). Both are copied.</summary>
    let create (measure: string) (observables: Observables) (gram: Tensor) (matrix: Tensor) : Outcome<Generator> =
        let copy (tensor: Tensor) =
            tensor.to_type(torch.float64, true).DetachFromDisposeScope()

        OperatorMatrix.check observables matrix gram
        |> Result.map (fun () -> new Generator(observables, copy matrix, copy gram, measure))

    /// <summary>Exponents μ, eigenfunctions and their duals, by increasing rate.</summary>
    /// <returns>An <c>IllConditioned</c> error if the matrix has no basis of eigenvectors; its Schur form always exists.</returns>
    let spectrum (generator: Generator) : Outcome<Spectrum> =
        OperatorMatrix.decompose
            generator.Observables
            generator.Gram
            generator.Matrix
            InfinitesimalGenerator
            generator.Measure

    let private inMeasure (compute: Tensor -> 'T) (generator: Generator) : Outcome<'T> =
        use _ = Tensors.scope ()

        OperatorMatrix.inner generator.Gram generator.Matrix
        |> Result.map (fun inner -> compute inner.Matrix)

    /// <summary>
    /// The logarithmic norm ν in the measure: ‖e^{tL}‖ ≤ e^{νt} for all t. If it exceeds the largest -rate, there is transient growth;
    /// 0 for the generator of a process in its invariant measure.
    /// </summary>
    let logNorm (generator: Generator) : Outcome<float> =
        inMeasure MatrixFunctions.logarithmicNorm generator

    /// <summary>Henrici's departure from normality in the measure, from 0 (normal, as for reversible processes) to 1.</summary>
    let nonNormality (generator: Generator) : Outcome<float> =
        inMeasure MatrixFunctions.departureFromNormality generator

    /// <summary>The real Schur form in functions that are orthonormal in the measure.</summary>
    let schur (generator: Generator) : Outcome<RealSchur> =
        use scope = Tensors.scope ()

        OperatorMatrix.inner generator.Gram generator.Matrix
        |> Result.bind (fun inner -> MatrixFunctions.realSchur inner.Matrix)
        |> Result.map (fun form ->
            scope.MoveToOuter form.Vectors |> ignore
            scope.MoveToOuter form.Triangular |> ignore
            form)

    /// <summary>The adjoint in the measure: ⟨f, L g⟩ = ⟨L* f, g⟩ for f, g in the span. Its matrix is G⁻¹ Lᵀ G.</summary>
    let adjoint (generator: Generator) : Outcome<Generator> =
        use _ = Tensors.scope ()

        OperatorMatrix.inner generator.Gram generator.Matrix
        |> Result.map (fun inner ->
            like generator (OperatorMatrix.outer generator.Gram inner.Basis (inner.Matrix.t ())))

    /// <summary>The generator on the span of the modes whose exponents are kept, 0 on the others.</summary>
    let restrict (keep: Complex -> bool) (generator: Generator) : Outcome<Generator> =
        spectrum generator
        |> Result.bind (fun modes ->
            use modes = modes
            OperatorMatrix.restrict keep modes generator.Gram generator.Matrix)
        |> Result.map (like generator)
