namespace Koopman.Cli

open System
open System.Globalization
open Koopman
open Koopman.Latents

/// <summary>A latent space as a user types it: <c>pca:16</c> or <c>autoencoder:16</c>.</summary>
type LatentSpec =
    /// <summary>So many principal components.</summary>
    | Principal of count: int
    /// <summary>So many latents of an autoencoder.</summary>
    | Learned of count: int

/// <summary>Reads and fits latent spaces.</summary>
[<RequireQualifiedAccess>]
module LatentSpec =

    /// <summary>The accepted forms, for help and messages.</summary>
    let grammar: string = "pca:K or autoencoder:K"

    /// <summary>The latent space of this text.</summary>
    let parse (text: string) : Outcome<LatentSpec> =
        let count (digits: string) =
            match Int32.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, count when count > 0 -> Some count
            | _ -> None

        match text.Split ':' |> List.ofArray with
        | [ "pca"; digits ] -> count digits |> Option.map Principal
        | [ "autoencoder"; digits ] -> count digits |> Option.map Learned
        | [ digits ] -> count digits |> Option.map Principal
        | _ -> None
        |> function
            | Some spec -> Ok spec
            | None ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"'{text}' is not a latent space"
                    $"Give {grammar}, for example pca:16"

    /// <summary>The map that these data determine, with a remark on what it leaves out. An autoencoder is trained for so many steps, if given.</summary>
    let fit (steps: int option) (seed: Seed) (spec: LatentSpec) (samples: Samples) : Outcome<LatentMap * string> =
        let remark (map: LatentMap) (others: string) =
            LatentMap.error map samples
            |> Result.map (fun error ->
                map, $"{map}: the root mean square error of decoded data is {Ui.number error}{others}")

        result {
            match spec with
            | Principal count ->
                use! components = Pca.fit count samples
                let explained = Ui.number (100.0 * components.Explained)
                return! remark (LatentMap.ofPca components) $"; {explained} %% of the variance is explained"
            | Learned count ->
                let defaults = Autoencoder.defaults

                let options =
                    { defaults with
                        Network =
                            { Autoencoder.network with
                                Latents = count
                            }
                        Descent =
                            { defaults.Descent with
                                Steps = Option.defaultValue defaults.Descent.Steps steps
                            }
                    }

                let! map =
                    Ui.progress "training the autoencoder" (fun report ->
                        Autoencoder.train
                            {
                                Report = fun p -> report (float p.Step / float p.Total)
                                Cancellation = Interrupt.token ()
                            }
                            options
                            seed
                            samples)

                return! remark map ""
        }
