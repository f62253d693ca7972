namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// <summary>Settings of a rival that its search varies.</summary>
type RivalSettings =
    {
        LearningRate: float
        /// <summary>The fraction of rows at t = 0, from noise; the others are between noise and data.</summary>
        NoiseShare: float
        /// <summary>Consistency distillation: the number of times; MeanFlow: the power of the adaptive weight; reflow: unused.</summary>
        Shape: float
    }

    override this.ToString() : string =
        $"rate {this.LearningRate:G2}, noise share {this.NoiseShare:G2}, shape {this.Shape:G2}"

/// <summary>A rival after its training: maps of noise to data and along the way.</summary>
[<NoComparison; NoEquality>]
type TrainedRival =
    {
        /// <summary>One step.</summary>
        Map: NoiseMap
        /// <summary>Its points (times, n, d) at these times, from noise.</summary>
        Along: float[] -> NoiseMap
        /// <summary>Training steps within the budget.</summary>
        Steps: int
        Net: Net
    }

    interface IDisposable with
        member this.Dispose() = this.Net.Dispose()

/// <summary>A way to distil a velocity field into a network that samples in one step.</summary>
[<NoComparison; NoEquality>]
type Rival =
    {
        Name: string
        /// <summary>The settings among which the best is searched.</summary>
        Search: RivalSettings list
        /// <summary>Trains for this many seconds of processor time.</summary>
        Train:
            (float -> unit)
                -> MlpOptions
                -> float
                -> RivalSettings
                -> Seed
                -> VelocityField
                -> Samples
                -> Outcome<TrainedRival>
    }

/// <summary>
/// Rivals in one step, with a network of the same layers as the lift's, the same teacher and the same processor time: rectified flow (Liu et al. 2023), consistency
/// distillation (Song et al. 2023) and MeanFlow (Geng et al. 2025), the latter two with the teacher's velocity. Written for comparison only.
/// </summary>
[<RequireQualifiedAccess>]
module Rivals =

    /// Rows of one step.
    let private rows = 256L

    /// Descends for this many seconds of processor time, with a warm-up and a cosine over them.
    let private descend
        (report: float -> unit)
        (seconds: float)
        (rate: float)
        (net: Net)
        (loss: int -> struct (Tensor * Tensor[]))
        : Outcome<Net * int> =
        let begun = Run.cpuSeconds ()
        let mutable share = 0.0

        let options =
            { FlowMatching.defaults.Descent with
                Steps = Int32.MaxValue
                LearningRate = rate
                Beta2 = 0.99
                EmaDecay = 0.99
            }

        use descent =
            new Descent(
                options,
                (fun step -> rate * min 1.0 (float (step + 1) / 100.0) * 0.5 * (1.0 + cos (Math.PI * share))),
                "rival",
                lazy [],
                net.Parameters
            )

        let isOver () =
            if descent.Step % 10 = 0 then
                share <-
                    if seconds > 0.0 then
                        min 1.0 ((Run.cpuSeconds () - begun) / seconds)
                    else
                        1.0

                if descent.Step % 100 = 0 then
                    report share

            share >= 1.0 && descent.Step > 0

        Descent.loop Control.none.Cancellation descent descent.State isOver loss (fun value length ->
            if Double.IsFinite value && Double.IsFinite length then
                Ok()
            else
                KoopmanError.fail ErrorKind.Diverged $"A rival's loss is {value}" "Lower its learning rate")
        |> Result.map (fun () ->
            use _ = Tensors.scope ()
            net.With descent.Result, descent.Step)

    /// Noise (n, d), times (n, 1) and points between noise and data, of which a share is at the noise.
    let private draws (share: float) (seed: Seed) (data: Tensor) (step: int) : struct (Tensor * Tensor) =
        use generator = Seed.generator (Seed.derive $"step {step}" seed)

        let index =
            torch.randint (data.shape[0], [| rows |], dtype = torch.int64, generator = generator)

        let noise =
            torch.randn ([| rows; data.shape[1] |], dtype = data.dtype, generator = generator)

        let time = torch.rand ([| rows; 1L |], dtype = data.dtype, generator = generator)
        let atNoise = int64 (share * float rows)
        time.narrow(0L, 0L, atNoise).zero_() |> ignore
        struct (time, noise + time * (data.index_select (0L, index) - noise))

    let private column (like: Tensor) (value: float) =
        torch.full ([| like.shape[0]; 1L |], Tensors.num value, dtype = like.dtype)

    let private quiet (work: unit -> Tensor) : Tensor =
        use _ = torch.no_grad ()
        Tensors.own work

    /// A straight line from noise to the end.
    let private chord (ends: Tensor -> Tensor) (times: float[]) : NoiseMap =
        fun noise ->
            Ok(
                quiet (fun () ->
                    let change = ends noise - noise
                    torch.stack (ResizeArray [ for t in times -> noise + t * change ], 0L))
            )

    let private withNet (options: MlpOptions) (seed: Seed) (inputs: int) (outputs: int) (work: Net -> Outcome<'T>) =
        Net.mlp options (Seed.derive "network" seed) inputs outputs
        |> Result.bind (fun net -> using net work)

    /// Straight lines between the ends of 10,000 of the teacher's paths; one step is the velocity at t = 0.
    let private reflow: Rival =
        {
            Name = "reflow"
            Search =
                [
                    for rate, share in [ 5e-3, 0.0; 5e-3, 0.5; 5e-3, 1.0; 2e-3, 0.5 ] ->
                        {
                            LearningRate = rate
                            NoiseShare = share
                            Shape = 0.0
                        }
                ]
            Train =
                fun report options seconds settings seed teacher data ->
                    result {
                        let begun = Run.cpuSeconds ()
                        let count, d = int64 (min 10_000 data.Count), int64 teacher.Dimension

                        use noise =
                            (Seed.normal [| count; d |] (Seed.derive "pairs" seed)).to_type torch.float32

                        use! ends = Ode.solve (RungeKutta4 40) teacher 0.0 1.0 noise
                        let left = seconds - (Run.cpuSeconds () - begun)

                        let! net, steps =
                            withNet options seed teacher.Dimension teacher.Dimension (fun net ->
                                descend report left settings.LearningRate net (fun step ->
                                    use generator = Seed.generator (Seed.derive $"step {step}" seed)

                                    let index =
                                        torch.randint (count, [| rows |], dtype = torch.int64, generator = generator)

                                    let x0, x1 = noise.index_select (0L, index), ends.index_select (0L, index)

                                    let time =
                                        torch.rand ([| rows; 1L |], dtype = torch.float32, generator = generator)

                                    time.narrow(0L, 0L, int64 (settings.NoiseShare * float rows)).zero_() |> ignore

                                    let chord = x1 - x0
                                    net.SquaredError(time, x0 + time * chord, None, chord)))

                        let map (x: Tensor) = x + net.Values(column x 0.0, x)

                        return
                            {
                                Map = fun x -> Ok(quiet (fun () -> map x))
                                Along = chord map
                                Steps = steps
                                Net = net
                            }
                    }
        }

    /// f(t, x) = x + (1-t) g(t, x), equal at neighbouring times of a path of the teacher, by one step of Heun's method.
    let private consistency: Rival =
        {
            Name = "consistency"
            Search =
                [
                    for rate, times, share in
                        [
                            5e-3, 10.0, 0.0
                            5e-3, 10.0, 0.3
                            5e-3, 40.0, 0.0
                            5e-3, 40.0, 0.3
                            2e-3, 10.0, 0.3
                        ] ->
                        {
                            LearningRate = rate
                            NoiseShare = share
                            Shape = times
                        }
                ]
            Train =
                fun report options seconds settings seed teacher data ->
                    result {
                        let points = data.Points.to_type torch.float32
                        use points = points
                        let step = 1.0 / settings.Shape

                        let! net, steps =
                            withNet options seed teacher.Dimension teacher.Dimension (fun net ->
                                let f (time: Tensor) (x: Tensor) =
                                    x + (1.0 - time) * net.Forward(Dual.constant time, Dual.constant x, None).Value

                                descend report seconds settings.LearningRate net (fun number ->
                                    let struct (time, _) = draws settings.NoiseShare seed points number
                                    // On the grid, so that the last step ends at the data.
                                    let time = (time * settings.Shape).floor() * step

                                    use generator = Seed.generator (Seed.derive $"pairs {number}" seed)

                                    let index =
                                        torch.randint (
                                            points.shape[0],
                                            [| rows |],
                                            dtype = torch.int64,
                                            generator = generator
                                        )

                                    let noise =
                                        torch.randn (
                                            [| rows; points.shape[1] |],
                                            dtype = torch.float32,
                                            generator = generator
                                        )

                                    let x = noise + time * (points.index_select (0L, index) - noise)

                                    let target =
                                        quiet (fun () ->
                                            let v = teacher.At(time, x)
                                            let later = time + step
                                            let next = x + 0.5 * step * (v + teacher.At(later, x + step * v))
                                            f later next)

                                    use target = target

                                    let loss = (f time x - target).square().sum(1L).mean() * settings.Shape

                                    struct (loss, Net.Gradient(loss, net.Parameters))))

                        let map (x: Tensor) = x + net.Values(column x 0.0, x)

                        return
                            {
                                Map = fun x -> Ok(quiet (fun () -> map x))
                                Along = chord map
                                Steps = steps
                                Net = net
                            }
                    }
        }

    /// The mean velocity u(t, r, x) from t to r: u = v + (r - t) du/dt along the teacher, with the right side held fixed.
    let private meanFlow: Rival =
        {
            Name = "meanflow"
            Search =
                [
                    for rate, power, share in
                        [
                            5e-3, 0.0, 0.0
                            5e-3, 0.0, 0.5
                            5e-3, 0.75, 0.0
                            5e-3, 0.75, 0.5
                            2e-3, 0.0, 0.5
                        ] ->
                        {
                            LearningRate = rate
                            NoiseShare = share
                            Shape = power
                        }
                ]
            Train =
                fun report options seconds settings seed teacher data ->
                    result {
                        let points = data.Points.to_type torch.float32
                        use points = points

                        let! net, steps =
                            withNet options seed (1 + teacher.Dimension) teacher.Dimension (fun net ->
                                descend report seconds settings.LearningRate net (fun number ->
                                    let struct (time, x) = draws settings.NoiseShare seed points number
                                    use generator = Seed.generator (Seed.derive $"ends {number}" seed)

                                    let ahead =
                                        torch.rand ([| rows; 1L |], dtype = torch.float32, generator = generator)

                                    // Every fourth row asks for the velocity itself, as the paper recommends.
                                    let same =
                                        torch
                                            .arange(Tensors.num (float rows), dtype = torch.float32)
                                            .remainder(Tensors.num 4.0)
                                            .ge(Tensors.num 0.5)
                                            .to_type(torch.float32)
                                            .unsqueeze
                                            1L

                                    let until = time + ahead * (1.0 - time) * same
                                    let v = quiet (fun () -> teacher.At(time, x))
                                    use v = v

                                    let found =
                                        net.Forward(
                                            Dual.create time (torch.ones_like time),
                                            Dual.create
                                                (torch.cat ([| until; x |], 1L))
                                                (torch.cat ([| torch.zeros_like until; v |], 1L)),
                                            None
                                        )

                                    let target = (v + (until - time) * Dual.tangent found).detach()
                                    let error = (found.Value - target).square().sum(1L, true)

                                    let weight = (error.detach () + 1e-3).pow(Tensors.num -settings.Shape)

                                    let loss = (weight * error).mean()
                                    struct (loss, Net.Gradient(loss, net.Parameters))))

                        let at (until: float) (x: Tensor) =
                            x + until * net.Values(column x 0.0, torch.cat ([| column x until; x |], 1L))

                        return
                            {
                                Map = fun x -> Ok(quiet (fun () -> at 1.0 x))
                                Along =
                                    fun times x ->
                                        Ok(quiet (fun () -> torch.stack (ResizeArray [ for t in times -> at t x ], 0L)))
                                Steps = steps
                                Net = net
                            }
                    }
        }

    /// <summary>All of them.</summary>
    let all: Rival list = [ reflow; consistency; meanFlow ]

    /// <summary>Few steps of the teacher itself, by Euler's method or Heun's (two evaluations a step): its points at these times, on straight lines
    /// between the steps.</summary>
    let fewSteps (heun: bool) (steps: int) (teacher: VelocityField) (times: float[]) : NoiseMap =
        fun noise ->
            Ok(
                quiet (fun () ->
                    let h = 1.0 / float steps

                    let states =
                        (noise, [ 0 .. steps - 1 ])
                        ||> List.scan (fun x k ->
                            let t = h * float k
                            let v = teacher.At(t, x)

                            if heun then
                                x + 0.5 * h * (v + teacher.At(t + h, x + h * v))
                            else
                                x + h * v)
                        |> Array.ofList

                    torch.stack (
                        ResizeArray
                            [
                                for time in times do
                                    let k = min (steps - 1) (int (time * float steps))
                                    states[k] + (time * float steps - float k) * (states[k + 1] - states[k])
                            ],
                        0L
                    ))
            )
