namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// Estimated eigenvalues and eigenfunctions φ_k = (ψ - m)ᵀ v_k of an operator. Those of a reversible (self-adjoint) operator are
/// real, have mean 0, unit variance and no correlation in the measure of the fit, and exclude the constant mode. Others
/// are complex with unit norm in that measure, keep the constant (m = 0), and come with a dual family.
/// </summary>
[<Sealed>]
type Spectrum
    internal
    (
        observables: Observables,
        centre: Tensor,
        coefficients: Tensor,
        dual: Tensor option,
        eigenvalues: Complex[],
        modes: Mode[],
        convention: Convention,
        measure: string,
        residualNorm: string,
        clusters: Cluster[]
    ) =

    let held = observables.Hold()
    let isReal = not (coefficients.is_complex ())
    let centre', coefficients' = new Constant(centre), new Constant(coefficients)

    /// The product with real or complex coefficients.
    let combine (functions: Tensor) : Tensor =
        let coefficients = coefficients'.For functions

        if isReal then
            functions.times coefficients
        else
            LinearAlgebra.timesComplex functions coefficients

    /// A spectrum without clusters of near-degenerate modes.
    internal new(observables, centre, coefficients, dual, eigenvalues, modes, convention, measure, residualNorm) =
        new Spectrum(
            observables,
            centre,
            coefficients,
            dual,
            eigenvalues,
            modes,
            convention,
            measure,
            residualNorm,
            [||]
        )

    /// <summary>The eigenvalues of all r modes in the spectrum's convention, by increasing rate.</summary>
    member _.Eigenvalues: Complex[] = Array.copy eigenvalues

    /// <summary>The exponents μ of all r modes: along a trajectory, φ(x_t) = e^{μt} φ(x_0) in the mean.</summary>
    member _.Exponents: Complex[] = eigenvalues |> Array.map convention.ExponentOf

    /// <summary>The rates -Re μ of all r modes, ascending. Only the leading ones, in <c>Modes</c>, have error bars.</summary>
    member _.Rates: float[] =
        eigenvalues |> Array.map (fun value -> 0.0 - (convention.ExponentOf value).Real)

    /// <summary>The leading modes with residuals and error bars.</summary>
    member _.Modes: Mode[] = Array.copy modes

    /// <summary>The groups of near-degenerate modes with their mean rates; only reversible estimators with error bars provide them.</summary>
    member _.Clusters: Cluster[] = Array.copy clusters

    /// <summary>The total number of modes, r.</summary>
    member _.Rank: int = eigenvalues.Length

    /// <summary>True if the operator is self-adjoint in its measure: real eigenvalues, orthonormal real eigenfunctions, no constant.</summary>
    member _.IsReversible: bool = dual.IsNone

    /// <summary>The operator to which the eigenvalues belong.</summary>
    member _.Convention: Convention = convention

    /// <summary>The measure in which the eigenfunctions are normalised and the residuals are taken.</summary>
    member _.Measure: string = measure

    /// <summary>The norm of the residuals.</summary>
    member _.ResidualNorm: string = residualNorm

    /// <summary>The functions in which the eigenfunctions are expanded: the caller's, or those of the estimator (kernel sections, delay
    /// coordinates).</summary>
    member _.Observables: Observables = observables

    /// <summary>The coefficients v (N, r), one eigenfunction per column; float64, or complex128 unless reversible. Owned by this object.</summary>
    member this.Coefficients: Tensor = Tensors.alive this coefficients

    /// <summary>
    /// The dual coefficients u (N, r) with uᴴ G v = 1: f = Σ_k ⟨u_k, f⟩ φ_k for f in the span. For a reversible operator they equal the
    /// coefficients. Owned by this object.
    /// </summary>
    member this.Dual: Tensor = Tensors.alive this (defaultArg dual coefficients)

    /// <summary>The mean m of the observables (N) that the eigenfunctions subtract; 0 unless reversible. Owned by this object.</summary>
    member this.Centre: Tensor = Tensors.alive this centre

    /// <summary>The lag τ of a propagator; null for a generator.</summary>
    member _.Lag: Nullable<float> =
        match convention with
        | PropagatorAtLag lag -> Nullable lag
        | _ -> Nullable()

    /// <summary>The temperature T of a positive generator; null for other operators.</summary>
    member _.Temperature: Nullable<float> =
        match convention with
        | PositiveGenerator temperature -> Nullable temperature
        | _ -> Nullable()

    /// <summary>φ at n points (n, d), as (n, r), float64 or complex128. The caller owns it.</summary>
    /// <exception cref="T:System.ArgumentException">The points have another shape.</exception>
    member this.Values(points: Tensor) : Tensor =
        Tensors.alive this coefficients |> ignore
        Tensors.checkPoints observables.Dimension points

        Tensors.keep (fun () ->
            let functions = observables.Values points

            combine (
                if dual.IsNone then
                    functions - centre'.For functions
                else
                    functions
            ))

    /// <summary>∇φ at n points (n, d), as (n, r, d). The caller owns it.</summary>
    /// <exception cref="T:System.ArgumentException">The points have another shape.</exception>
    member this.Gradients(points: Tensor) : Tensor =
        Tensors.alive this coefficients |> ignore
        Tensors.checkPoints observables.Dimension points

        Tensors.keep (fun () ->
            torch.stack (
                [|
                    for axis in 0 .. observables.Dimension - 1 -> combine (observables.Partial(points, axis))
                |],
                2L
            ))

    /// <summary>∇(Σ_k b_k φ_k) at n points (n, d), as (n, d), for weights b (r), for a reversible spectrum. The caller owns it.</summary>
    /// <exception cref="T:System.InvalidOperationException">The eigenfunctions are complex.</exception>
    member _.GradientOf(points: Tensor, weights: Tensor) : Tensor =
        if not isReal then
            invalidOp "Only a spectrum with real eigenfunctions has a real gradient; use Gradients"

        Tensors.keep (fun () ->
            observables.GradientOf(points, (coefficients'.For points).mv(Tensors.like points weights)))

    override _.ToString() : string =
        $"{eigenvalues.Length} modes in {observables.Description}: {convention}"

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            centre'.Dispose()
            coefficients'.Dispose()
            dual |> Option.iter _.Dispose()
            held.Dispose()

/// <summary>Functions of spectra.</summary>
[<RequireQualifiedAccess>]
module Spectrum =

    /// The same tensors with other modes, for checks that change error bars or warnings.
    let internal withModes (residualNorm: string) (modes: Mode[]) (spectrum: Spectrum) : Spectrum =
        use _ = Tensors.scope ()

        new Spectrum(
            spectrum.Observables,
            Tensors.copy spectrum.Centre,
            Tensors.copy spectrum.Coefficients,
            (if spectrum.IsReversible then
                 None
             else
                 Some(Tensors.copy spectrum.Dual)),
            spectrum.Eigenvalues,
            modes,
            spectrum.Convention,
            spectrum.Measure,
            residualNorm,
            spectrum.Clusters
        )

    /// A number of leading modes that does not split a conjugate pair; its members are adjacent.
    let internal wholePairs (count: int) (eigenvalues: Complex[]) : int =
        let count = min count eigenvalues.Length

        let opensPair =
            count < eigenvalues.Length
            && eigenvalues[count - 1].Imaginary > 0.0
            && eigenvalues[count] = Complex.Conjugate eigenvalues[count - 1]

        if opensPair then count + 1 else count

    /// <summary>
    /// The spectrum of the <paramref name="rank"/> slowest modes, and of one more if that would split a conjugate pair.
    /// </summary>
    let truncate (rank: int) (spectrum: Spectrum) : Outcome<Spectrum> =
        if rank < 1 then
            KoopmanError.fail ErrorKind.InvalidSetting $"Rank {rank} leaves no mode" "Keep at least one mode"
        else
            use _ = Tensors.scope ()
            let rank = wholePairs rank spectrum.Eigenvalues

            let leading (tensor: Tensor) =
                tensor.narrow(1L, 0L, int64 rank).clone().DetachFromDisposeScope()

            Ok(
                new Spectrum(
                    spectrum.Observables,
                    Tensors.copy spectrum.Centre,
                    leading spectrum.Coefficients,
                    (if spectrum.IsReversible then
                         None
                     else
                         Some(leading spectrum.Dual)),
                    Array.take rank spectrum.Eigenvalues,
                    Array.truncate rank spectrum.Modes,
                    spectrum.Convention,
                    spectrum.Measure,
                    spectrum.ResidualNorm,
                    spectrum.Clusters
                    |> Array.filter (fun cluster -> Array.last cluster.Members <= rank)
                )
            )

    let private kind: string = "spectrum"
    let private observables: string = "observables"

    /// Complex numbers as two real tensors, real numbers as one.
    let private parts (name: string) (tensor: Tensor) : (string * Tensor) list =
        if tensor.is_complex () then
            [ $"{name}.real", tensor.real; $"{name}.imaginary", tensor.imag ]
        else
            [ name, tensor ]

    /// The tensor that <c>parts</c> stored, of this shape, which the caller owns.
    let private joined (name: string) (shape: int64 list) (checkpoint: Checkpoint) : Outcome<Tensor> =
        let part (name: string) =
            checkpoint.Tensor name |> Result.bind (Checkpoint.fit name shape)

        if checkpoint.Tensors.ContainsKey name then
            part name |> Result.map Tensors.copy
        else
            result {
                let! real = part $"{name}.real"
                let! imaginary = part $"{name}.imaginary"
                return Tensors.own (fun () -> torch.complex (real, imaginary))
            }

    /// <summary>
    /// Writes a spectrum with its observables to a safetensors file, which is replaced atomically: eigenvalues, eigenfunctions,
    /// residuals, error bars, warnings, measure and convention.
    /// </summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="spectrum">It is not changed.</param>
    /// <returns>
    /// An <c>InvalidSetting</c> error if some of the observables are user-defined functions; <c>UnwritableFile</c>, with the old file
    /// unchanged, if the path cannot be written.
    /// </returns>
    let save (path: string) (spectrum: Spectrum) : Outcome<unit> =
        use _ = Tensors.scope ()

        result {
            let! recipe = Recipe.ofObservables spectrum.Observables

            let settings =
                Codec.write
                    SpectrumCodec.header
                    {
                        Convention = spectrum.Convention
                        Measure = spectrum.Measure
                        ResidualNorm = spectrum.ResidualNorm
                        Modes = spectrum.Modes
                        Clusters = spectrum.Clusters
                        IsReversible = spectrum.IsReversible
                    }

            settings.Add(observables, RecipeFile.settings recipe)

            let eigenvalues =
                spectrum.Eigenvalues
                |> Array.collect (fun value -> [| value.Real; value.Imaginary |])
                |> Tensors.ofRows spectrum.Rank

            return!
                Checkpoint.write
                    path
                    kind
                    1
                    settings
                    ([ "eigenvalues", eigenvalues; "centre", spectrum.Centre ]
                     @ parts "coefficients" spectrum.Coefficients
                     @ (if spectrum.IsReversible then
                            []
                        else
                            parts "dual" spectrum.Dual)
                     @ RecipeFile.tensors observables recipe)
        }

    let private ofCheckpoint (checkpoint: Checkpoint) : Outcome<Spectrum> =
        result {
            let! header = SpectrumCodec.header.Take checkpoint.Options
            let! eigenvalues = checkpoint.Tensor "eigenvalues"
            let! centre = checkpoint.Tensor "centre"
            use! functions = ObservablesFile.load observables checkpoint

            let count, rank = int64 functions.Count, eigenvalues.shape[0]
            let! eigenvalues = Checkpoint.fit "eigenvalues" [ rank; 2L ] eigenvalues
            let! centre = Checkpoint.fit "centre" [ count ] centre
            let! coefficients = joined "coefficients" [ count; rank ] checkpoint

            let! dual =
                if header.IsReversible then
                    Ok None
                else
                    joined "dual" [ count; rank ] checkpoint
                    |> Result.map Some
                    |> Result.mapError (fun error ->
                        coefficients.Dispose()
                        error)

            return
                new Spectrum(
                    functions,
                    Tensors.copy centre,
                    coefficients,
                    dual,
                    Tensors.toArray eigenvalues
                    |> Array.chunkBySize 2
                    |> Array.map (fun parts -> Complex(parts[0], parts[1])),
                    header.Modes,
                    header.Convention,
                    header.Measure,
                    header.ResidualNorm,
                    header.Clusters
                )
        }

    /// <summary>
    /// Reads a spectrum from a file written by <c>save</c>; it computes the same bits. The caller disposes it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
    /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
    /// </returns>
    let load (path: string) : Outcome<Spectrum> =
        result {
            use! checkpoint = Checkpoint.readKind kind 1 path
            return! ofCheckpoint checkpoint
        }
