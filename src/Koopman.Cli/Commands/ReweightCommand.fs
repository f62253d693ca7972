namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Particles

/// <summary><c>koopman particles --reweight</c>: equilibrium samples from short trajectories that were started out of equilibrium.</summary>
[<RequireQualifiedAccess>]
module ReweightCommand =

    /// <summary>Weights the pairs by their dynamics, learns the generator under the weights, moves particles and writes the results.</summary>
    let run (command: string) (request: ParticlesRequest) : Outcome<unit> =
        result {
            do! ParticlesCommand.check request
            use! loaded = Inputs.load request.Reading request.Sources
            let dataset = loaded.Dataset

            match dataset with
            | Pairs pairs when request.Latent.IsNone && request.LogLikelihood.IsNone && not request.IsExplicit ->
                let options =
                    { Swarm.defaults with
                        Flow = request.Flow
                        Temperature = Some(Inputs.temperature request.Temperature dataset)
                    }

                let! found =
                    Ui.progress "reweighting and moving particles" (fun report ->
                        let control: Control<ParticleProgress> =
                            {
                                Report = fun p -> report (float p.Iteration / float p.Total)
                                Cancellation = Interrupt.token ()
                            }

                        Swarm.run control options (Seed.ofInt request.Seed) (fun _ -> 0) 1 request.Count None pairs)

                use particles = found.Flow.Particles
                use data = found.Reweighted

                let moments = ParticlesCommand.moments loaded.Names
                let columns = ParticlesCommand.momentColumns

                let rows =
                    moments "states as they are" pairs.From
                    @ moments "ends as they are" pairs.To
                    @ moments "states, reweighted" data
                    @ moments "particles" particles

                Ui.table columns rows
                let weights = found.Weights

                Ui.say
                    $"{pairs.Count} pairs at lag {Ui.number pairs.Lag} have the effective size {Ui.number weights.EffectiveSize} in equilibrium; {Ui.number (100.0 * weights.NegativeShare)} %% of the weight was negative and dropped; slowest decay over the lag {Ui.number weights.Gap}"

                let state =
                    if found.Flow.Converged then
                        "converged"
                    else
                        "not converged"

                let told =
                    $"{found.Flow.Iterations} iterations ({state}), energy {Ui.number found.Flow.EnergyRatio} of independent samples', {found.Flow.Snapped} times moved back to the data"

                Ui.say told
                found.Flow.Warning |> Option.ofObj |> Option.iter Ui.note

                match request.Out with
                | None -> ()
                | Some out ->
                    do! Samples.saveNamed loaded.Names out particles
                    Ui.say $"{out}: {particles}"

                do!
                    ParticlesCommand.writeJson
                        request
                        loaded.Understood
                        loaded.Names
                        found.Flow
                        [
                            "effective_size", Json.number weights.EffectiveSize
                            "negative_share", Json.number weights.NegativeShare
                            "gap", Json.number weights.Gap
                        ]

                match request.Report with
                | None -> ()
                | Some path ->
                    do!
                        Report.write
                            path
                            {
                                Title = $"Equilibrium particles from {Inputs.title request.Sources}"
                                Subtitle = told
                                Sections =
                                    [
                                        {
                                            Heading = "Result"
                                            Blocks = [ PageTable.ofText "Weights by Koopman reweighting." columns rows ]
                                        }
                                        {
                                            Heading = "Pictures"
                                            Blocks = ParticlesCommand.plots pairs.From pairs.To particles
                                        }
                                    ]
                                Provenance = Inputs.provenance command (Some request.Seed)
                            }

                    Ui.say $"report: {IO.Path.GetFullPath path}"
            | _ ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "--reweight needs pairs, without --latent, --estimator, --observables, --manifold or --log-likelihood"
                        "Give an .npz file with x, y and lag, or trajectories; points alone contain no dynamics"
        }
