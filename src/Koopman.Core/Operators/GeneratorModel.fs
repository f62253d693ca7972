namespace Koopman

open System
open TorchSharp

/// <summary>
/// The model of generator EDMD: d/dt ψ(x_t) ≈ Lᵀψ(x_t) in the mean, and x ≈ Cᵀψ(x). The spectrum shows which modes to trust.
/// </summary>
[<Sealed>]
type GeneratorModel internal (generator: Generator, spectrum: Spectrum, output: Tensor) =

    /// <summary>The operator 𝓛 on the observables. Owned by this object.</summary>
    member _.Generator: Generator = generator

    /// <summary>Its spectrum with residuals and error bars. Owned by this object.</summary>
    member _.Spectrum: Spectrum = spectrum

    /// <summary>C (N, d): the state as a combination of observables. Owned by this object.</summary>
    member this.Output: Tensor = Tensors.alive this output

    /// <summary>The observables of the model.</summary>
    member _.Observables: Observables = generator.Observables

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            (generator :> IDisposable).Dispose()
            (spectrum :> IDisposable).Dispose()
            output.Dispose()

    override _.ToString() : string =
        $"{spectrum.Rank} modes in {generator.Observables.Description}: {spectrum.Convention}"
