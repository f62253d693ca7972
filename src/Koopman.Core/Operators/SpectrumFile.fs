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

        /// What <c>parts</c> stored, of this shape, which the caller owns.
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
        /// Writes a spectrum with its observables to a safetensors file, which is replaced in one step: eigenvalues, eigenfunctions,
        /// residuals, error bars, warnings, measure and convention.
        /// </summary>
        /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
        /// <param name="spectrum">It is not changed.</param>
        /// <returns>
        /// An <c>InvalidSetting</c> error if some of the observables are functions of the user's; <c>UnwritableFile</c>, with the old file
        /// unchanged, if the path cannot be written.
        /// </returns>
        let save (path: string) (spectrum: Spectrum) : Outcome<unit> =
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

        let private ofCheckpoint (checkpoint: Checkpoint) : Outcome<Spectrum> =
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
                        let count, rank = int64 functions.Count, eigenvalues.shape[0]
                        let! eigenvalues = Checkpoint.fit "eigenvalues" [ rank; 2L ] eigenvalues
                        let! centre = Checkpoint.fit "centre" [ count ] centre
                        let! coefficients = joined "coefficients" [ count; rank ] checkpoint

                        let! dual =
                            if reversible then
                                Ok None
                            else
                                joined "dual" [ count; rank ] checkpoint |> Result.map Some

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
        let load (path: string) : Outcome<Spectrum> =
            result {
                use! checkpoint = Checkpoint.readKind kind 1 path
                return! ofCheckpoint checkpoint
            }
