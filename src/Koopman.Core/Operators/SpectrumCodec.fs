namespace Koopman

/// The stored description of a spectrum, apart from its tensors and observables.
[<NoComparison; NoEquality>]
type internal SpectrumHeader =
    {
        Convention: Convention
        Measure: string
        ResidualNorm: string
        Modes: Mode[]
        Clusters: Cluster[]
        IsReversible: bool
    }

/// The parts of a spectrum as fields of JSON objects.
[<RequireQualifiedAccess>]
module internal SpectrumCodec =

    let private convention: Codec<Convention, Convention> =
        let number = Codec.float<float> "number" id

        Codec.union
            "operator"
            [
                Codec.case
                    "propagator"
                    (function
                    | PropagatorAtLag lag -> Some lag
                    | _ -> None)
                    PropagatorAtLag
                    number
                Codec.case
                    "positive generator"
                    (function
                    | PositiveGenerator temperature -> Some temperature
                    | _ -> None)
                    PositiveGenerator
                    number
                Codec.case
                    "generator"
                    (function
                    | InfinitesimalGenerator -> Some 0.0
                    | _ -> None)
                    (fun _ -> InfinitesimalGenerator)
                    number
            ]

    let private warning: Codec<Warning, Warning> =
        codec {
            let! kind = Codec.choice<Warning, WarningKind> "kind" _.Kind
            and! message = Codec.text<Warning> "message" _.Message
            return { Kind = kind; Message = message }
        }

    let private mode: Codec<Mode, Mode> =
        codec {
            let! index = Codec.int<Mode> "index" _.Index
            and! eigenvalue = Codec.complex<Mode> "eigenvalue" _.Eigenvalue
            and! rate = Codec.float<Mode> "rate" _.Rate
            and! frequency = Codec.float<Mode> "frequency" _.Frequency
            and! standardError = Codec.float<Mode> "standardError" _.StandardError
            and! frequencyError = Codec.float<Mode> "frequencyError" _.FrequencyError
            and! lower = Codec.float<Mode> "lower" _.Lower
            and! upper = Codec.float<Mode> "upper" _.Upper
            and! residual = Codec.float<Mode> "residual" _.Residual
            and! condition = Codec.float<Mode> "condition" _.Condition
            and! constant = Codec.mark "constant" (fun (mode: Mode) -> mode.IsConstant)
            and! warnings = Codec.list warning "warnings" (fun (mode: Mode) -> mode.Warnings)

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
                    IsConstant = constant
                    Warnings = warnings
                }
        }

    let private cluster: Codec<Cluster, Cluster> =
        codec {
            let! members =
                Codec.ints<Cluster> "members" (fun cluster -> List.ofArray cluster.Members)

            and! rate = Codec.float<Cluster> "rate" _.Rate
            and! standardError = Codec.float<Cluster> "standardError" _.StandardError
            and! lower = Codec.float<Cluster> "lower" _.Lower
            and! upper = Codec.float<Cluster> "upper" _.Upper

            return
                {
                    Members = Array.ofList members
                    Rate = rate
                    StandardError = standardError
                    Lower = lower
                    Upper = upper
                }
        }

    let header: Codec<SpectrumHeader, SpectrumHeader> =
        codec {
            let! convention =
                Codec.object convention "convention" (fun (header: SpectrumHeader) -> header.Convention)

            and! measure = Codec.text<SpectrumHeader> "measure" _.Measure
            and! residualNorm = Codec.text<SpectrumHeader> "residualNorm" _.ResidualNorm
            and! modes = Codec.list mode "modes" (fun (header: SpectrumHeader) -> header.Modes)

            and! clusters =
                Codec.list cluster "clusters" (fun (header: SpectrumHeader) -> header.Clusters)

            and! reversible = Codec.flag<SpectrumHeader> "reversible" _.IsReversible

            return
                {
                    Convention = convention
                    Measure = measure
                    ResidualNorm = residualNorm
                    Modes = modes
                    Clusters = clusters
                    IsReversible = reversible
                }
        }
