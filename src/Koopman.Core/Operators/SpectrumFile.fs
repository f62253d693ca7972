namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>Spectra in files: further members of the module <c>Spectrum</c>.</summary>
[<AutoOpen>]
module SpectrumFiles =

    /// <summary>Stores spectra and brings them back.</summary>
    [<RequireQualifiedAccess>]
    module Spectrum =

        let private kind: string = "spectrum"
        let private observables: string = "observables"

        /// Complex numbers as two tensors, real ones as one.
        let private parts (name: string) (tensor: Tensor) : (string * Tensor) list =
            if tensor.is_complex () then
                [ $"{name}.real", tensor.real; $"{name}.imaginary", tensor.imag ]
            else
                [ name, tensor ]

        /// What <c>parts</c> stored, which the caller owns.
        let private joined (name: string) (checkpoint: Checkpoint) : Result<Tensor, KoopmanError> =
            if checkpoint.Tensors.ContainsKey name then
                Ok(Tensors.copy checkpoint.Tensors[name])
            else
                result {
                    let! real = checkpoint.Tensor $"{name}.real"
                    let! imaginary = checkpoint.Tensor $"{name}.imaginary"
                    return Tensors.own (fun () -> torch.complex (real, imaginary))
                }

        /// <summary>
        /// Writes a spectrum with its observables to a safetensors file, which is replaced in one step: eigenvalues, eigenfunctions,
        /// residuals, error bars, warnings, measure and convention.
        /// </summary>
        /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
        /// <param name="spectrum">It is not changed.</param>
        /// <returns>
        /// An <c>InvalidSetting</c> error if some of the observables are functions of the user's; <c>UnwritableFile</c>, with the old file
        /// unchanged, if the path cannot be written.
        /// </returns>
        let save (path: string) (spectrum: Spectrum) : Result<unit, KoopmanError> =
            use _ = Tensors.scope ()

            result {
                let! recipe = Recipe.ofObservables spectrum.Observables

                let settings =
                    Fields.ofList
                        [
                            "convention", SpectrumFields.ofConvention spectrum.Convention
                            "measure", Fields.ofText spectrum.Measure
                            "residualNorm", Fields.ofText spectrum.ResidualNorm
                            "modes", spectrum.Modes |> Seq.map SpectrumFields.ofMode |> Fields.ofNodes
                            "clusters", spectrum.Clusters |> Seq.map SpectrumFields.ofCluster |> Fields.ofNodes
                            "reversible", Fields.ofFlag spectrum.IsReversible
                            observables, RecipeFile.settings recipe
                        ]

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

        /// Fails unless the stored tensors have the shapes of a spectrum of so many functions and eigenvalues.
        let private fits (functions: int) (rank: int64) (checkpoint: Checkpoint) : Result<unit, KoopmanError> =
            let vectors = [ int64 functions; rank ]

            let expected =
                [
                    "eigenvalues", [ rank; 2L ]
                    "centre", [ int64 functions ]
                    for name in [ "coefficients"; "dual" ] do
                        for part in [ ""; ".real"; ".imaginary" ] do
                            name + part, vectors
                ]

            expected
            |> Results.collect (fun (name, shape) ->
                match Map.tryFind name checkpoint.Tensors with
                | Some tensor when List.ofArray tensor.shape <> shape ->
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        $"The tensor '{name}' has shape {Tensors.shape tensor}, which does not fit {functions} functions and {rank} eigenvalues"
                        "Write the file again with this library"
                | _ -> Ok())
            |> Result.map ignore

        let private ofCheckpoint (checkpoint: Checkpoint) : Result<Spectrum, KoopmanError> =
            result {
                let options = checkpoint.Options

                let! convention =
                    Fields.object "convention" options |> Result.bind SpectrumFields.convention

                let! measure = Fields.text "measure" options
                let! residualNorm = Fields.text "residualNorm" options
                let! modes = Fields.list "modes" SpectrumFields.mode options
                let! clusters = Fields.list "clusters" SpectrumFields.cluster options
                let! reversible = Fields.flag "reversible" options
                let! eigenvalues = checkpoint.Tensor "eigenvalues"
                let! centre = checkpoint.Tensor "centre"
                let! functions = RecipeFile.load observables checkpoint

                let made =
                    result {
                        do! fits functions.Count eigenvalues.shape[0] checkpoint
                        let! coefficients = joined "coefficients" checkpoint

                        let! dual =
                            if reversible then
                                Ok None
                            else
                                joined "dual" checkpoint |> Result.map Some

                        return
                            new Spectrum(
                                functions,
                                Tensors.copy centre,
                                coefficients,
                                dual,
                                Tensors.toArray eigenvalues
                                |> Array.chunkBySize 2
                                |> Array.map (fun parts -> Complex(parts[0], parts[1])),
                                Array.ofList modes,
                                convention,
                                measure,
                                residualNorm,
                                true,
                                Array.ofList clusters
                            )
                    }

                return!
                    made
                    |> Result.mapError (fun error ->
                        (functions :> IDisposable).Dispose()
                        error)
            }

        /// <summary>
        /// Reads a spectrum from a file of <c>save</c>: it gives the same bits. It owns its observables, which die with it. The caller
        /// disposes of it.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <returns>
        /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
        /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
        /// </returns>
        let load (path: string) : Result<Spectrum, KoopmanError> =
            result {
                use! checkpoint = Checkpoint.readKind kind 1 path
                return! ofCheckpoint checkpoint
            }
