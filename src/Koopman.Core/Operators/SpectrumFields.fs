namespace Koopman

open System.Numerics
open System.Text.Json.Nodes

/// The numbers of a spectrum as fields of JSON objects.
[<RequireQualifiedAccess>]
module internal SpectrumFields =

    let ofConvention (convention: Convention) : JsonNode =
        let named (name: string) (number: float) =
            Fields.ofList [ "operator", Fields.ofText name; "number", Fields.ofFloat number ]

        match convention with
        | PropagatorAtLag lag -> named "propagator" lag
        | PositiveGenerator temperature -> named "positive generator" temperature
        | InfinitesimalGenerator -> named "generator" 0.0

    let convention (node: JsonObject) : Outcome<Convention> =
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

    let warning (node: JsonObject) : Outcome<Warning> =
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

    let private eigenvalue (node: JsonObject) : Outcome<Complex> =
        Fields.floats "eigenvalue" node
        |> Result.map (fun parts ->
            match parts with
            | [ real; imaginary ] -> Complex(real, imaginary)
            | _ -> Complex(nan, nan))

    let mode (node: JsonObject) : Outcome<Mode> =
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
                    Warnings = Array.ofList warnings
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

    let cluster (node: JsonObject) : Outcome<Cluster> =
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
