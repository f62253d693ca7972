namespace Koopman

open System
open System.Numerics
open System.Text.Json.Nodes
open TorchSharp

/// The numbers of a spectrum as fields of JSON objects.
[<RequireQualifiedAccess>]
module private SpectrumFields =

    let ofConvention (convention: Convention) : JsonNode =
        let named (name: string) (number: float) =
            Fields.ofList [ "operator", Fields.ofText name; "number", Fields.ofFloat number ]

        match convention with
        | PropagatorAtLag lag -> named "propagator" lag
        | PositiveGenerator temperature -> named "positive generator" temperature
        | InfinitesimalGenerator -> named "generator" 0.0

    let convention (node: JsonObject) : Result<Convention, KoopmanError> =
        result {
            let! name = Fields.text "operator" node
            let! number = Fields.float "number" node

            match name with
            | "propagator" -> return PropagatorAtLag number
            | "positive generator" -> return PositiveGenerator number
            | "generator" -> return InfinitesimalGenerator
            | other ->
                return!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        $"There is no operator named '{other}'"
                        "The file was written by a newer version of the library: use that version"
        }

    let ofWarning (warning: Warning) : JsonNode =
        Fields.ofList
            [
                "kind", Fields.ofText (string warning.Kind)
                "message", Fields.ofText warning.Message
            ]

    let warning (node: JsonObject) : Result<Warning, KoopmanError> =
        result {
            let! kind = Fields.choice<WarningKind> "kind" node
            let! message = Fields.text "message" node
            return { Kind = kind; Message = message }
        }

    let ofMode (mode: Mode) : JsonNode =
        Fields.ofList
            [
                "index", Fields.ofInt mode.Index
                "eigenvalue", Fields.ofFloats [ mode.Eigenvalue.Real; mode.Eigenvalue.Imaginary ]
                "rate", Fields.ofFloat mode.Rate
                "frequency", Fields.ofFloat mode.Frequency
                "standardError", Fields.ofFloat mode.StandardError
                "frequencyError", Fields.ofFloat mode.FrequencyError
                "lower", Fields.ofFloat mode.Lower
                "upper", Fields.ofFloat mode.Upper
                "residual", Fields.ofFloat mode.Residual
                "condition", Fields.ofFloat mode.Condition
                "warnings", mode.Warnings |> Seq.map ofWarning |> Fields.ofNodes
            ]

    let private eigenvalue (node: JsonObject) : Result<Complex, KoopmanError> =
        Fields.floats "eigenvalue" node
        |> Result.map (fun parts ->
            match parts with
            | [ real; imaginary ] -> Complex(real, imaginary)
            | _ -> Complex(nan, nan))

    let mode (node: JsonObject) : Result<Mode, KoopmanError> =
        result {
            let! index = Fields.int "index" node
            let! eigenvalue = eigenvalue node
            let! rate = Fields.float "rate" node
            let! frequency = Fields.float "frequency" node
            let! standardError = Fields.float "standardError" node
            let! frequencyError = Fields.float "frequencyError" node
            let! lower = Fields.float "lower" node
            let! upper = Fields.float "upper" node
            let! residual = Fields.float "residual" node
            let! condition = Fields.float "condition" node
            let! warnings = Fields.list "warnings" warning node

            return
                {
                    Index = index
                    Eigenvalue = eigenvalue
                    Rate = rate
                    Frequency = frequency
                    StandardError = standardError
                    FrequencyError = frequencyError
                    Lower = lower
                    Upper = upper
                    Residual = residual
                    Condition = condition
                    Warnings = warnings
                }
        }

    let ofCluster (cluster: Cluster) : JsonNode =
        Fields.ofList
            [
                "members", Fields.ofInts (List.ofArray cluster.Members)
                "rate", Fields.ofFloat cluster.Rate
                "standardError", Fields.ofFloat cluster.StandardError
                "lower", Fields.ofFloat cluster.Lower
                "upper", Fields.ofFloat cluster.Upper
            ]

    let cluster (node: JsonObject) : Result<Cluster, KoopmanError> =
        result {
            let! members = Fields.ints "members" node
            let! rate = Fields.float "rate" node
            let! standardError = Fields.float "standardError" node
            let! lower = Fields.float "lower" node
            let! upper = Fields.float "upper" node

            return
                {
                    Members = Array.ofList members
                    Rate = rate
                    StandardError = standardError
                    Lower = lower
                    Upper = upper
                }
        }

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
            use _ = torch.NewDisposeScope()

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
