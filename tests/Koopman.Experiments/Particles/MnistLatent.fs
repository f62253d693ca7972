namespace Koopman.Experiments

open System
open System.IO
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Particles

/// <summary>New digits: particles in the sixteen leading principal coordinates of MNIST images.</summary>
[<RequireQualifiedAccess>]
module MnistLatent =

    let private training = 5000
    let private particles = 1000
    let private coordinates = 16

    let private images (caption: string) (height: int) (width: int) (pixels: Samples) : Block =
        ImagePlot.ofSamples { ImagePlot.defaults with Down = 2 } caption height width pixels
        |> Block.Chart

    let private trial (size: Size) (all: Samples) (height: int) (width: int) (seed: Seed) : Outcome<Trial> =
        result {
            let order = Seed.permutation all.Count (Seed.derive "split" seed)

            let part (from: int) (count: int) =
                Samples.pick order[from .. from + count - 1] all

            use! train = part 0 training
            use! pca = Pca.fit coordinates train

            let encoded from count =
                part from count
                |> Result.bind (fun some ->
                    use _ = some
                    Pca.encode pca some)

            use! data = Pca.encode pca train
            use! independent = encoded training particles

            use! reference =
                encoded (training + 2 * particles) (all.Count - training - 2 * particles)

            use! start = Samples.gaussianLike particles (Seed.derive "start" seed) data

            let ours () =
                result {
                    // Many narrow classes need more functions than a few wells do.
                    use! observables =
                        Observables.gaussiansOver
                            { Observables.automatic with
                                Centres = Some 600
                                Seed = seed
                            }
                            data

                    use! field = ParticleField.fullRank 0.0 1.0 observables data

                    return!
                        ParticleFlow.follow
                            Control.none
                            ParticleFlow.defaults
                            (Seed.derive "jitter" seed)
                            (Manifold.euclidean coordinates)
                            field
                            data
                            start
                }

            let found = ref None

            let! methods =
                [
                    Contenders.kept found "kswgd" ours
                    yield! Contenders.simple (Manifold.euclidean coordinates) data start seed
                    Contenders.samples "start" (fun () -> Samples.take particles start)
                    Contenders.samples "floor" (fun () -> encoded (training + particles) particles)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored data (Comparison.standard reference independent)

            use moved = found.Value.Value.Particles
            use! generated = Pca.decode pca moved
            use! first = Pca.decode pca start

            return
                {
                    Methods = methods
                    Facts = [ "explained", pca.Explained; "snapped", float found.Value.Value.Snapped ]
                    Sections =
                        [
                            {
                                Heading = "Images"
                                Blocks =
                                    [
                                        images "Particles, decoded." height width generated
                                        images "Their Gaussian start, decoded." height width first
                                    ]
                            }
                        ]
                }
        }

    /// <summary>For <c>./koopman reproduce mnist-latent</c>.</summary>
    let experiment: Experiment =
        {
            Name = "mnist-latent"
            Summary = "new digits by particles in 16 principal coordinates; needs the MNIST files"
            Minutes = 3.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! folder = DigitFolder.find ()
                        use! dataset = Dataset.read folder

                        match dataset with
                        | Images(all, height, width) when all.Count >= training + 3 * particles ->
                            return!
                                Comparison.over
                                    // Other images have other parts.
                                    (journal.Within(Fact.tensor all.Points))
                                    (size.Choose(5, 1))
                                    $"{training} images, {coordinates} principal coordinates, {particles} particles from a Gaussian with the data's mean and covariance. The floor is an equal number of held-out images; all distances are to further held-out images, in the latent space."
                                    (fun _ -> [])
                                    (trial size all height width)
                                    report
                                    seed
                        | _ ->
                            return!
                                KoopmanError.fail
                                    ErrorKind.TooFewSamples
                                    $"{folder} does not hold {training + 3 * particles} images"
                                    "Use the 10,000 test images of MNIST, or the 60,000 training images"
                    })
        }
