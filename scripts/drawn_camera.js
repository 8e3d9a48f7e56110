// A camera that shows a drawn person, different for each name, and a screen with a slide; in place of the browser's own.
// window.drawnName says whose, window.drawnWidth how wide in pixels.

(() => {
  const name = window.drawnName;
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 99991, 7);
  const pick = (list, salt) => list[Math.floor(seed / salt) % list.length];
  const wall = pick(["#cfd8dc", "#d7ccc8", "#c8d6c5", "#d9cfe3", "#f0d9c0", "#c7d7ea"], 1);
  const shirt = pick(["#37596d", "#7a3b46", "#3f6b4f", "#5b4a80", "#a8642a", "#2f4858"], 7);
  const skin = pick(["#f1c9a5", "#c98e63", "#8d5a3b", "#e3b08a", "#6b4430"], 13);
  const hair = pick(["#2b1d14", "#5a3a1e", "#8a5a2b", "#1d1d22", "#b08a4a"], 29);

  const oval = (pen, color, x, y, width, height) => {
    pen.fillStyle = color;
    pen.beginPath();
    pen.ellipse(x, y, width, height, 0, 0, 7);
    pen.fill();
  };

  const drawPerson = (pen, w, h, time) => {
    pen.fillStyle = wall;
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = "#ffffff55";
    pen.fillRect(w * 0.08, h * 0.1, w * 0.2, h * 0.42);
    pen.fillStyle = "#00000018";
    pen.fillRect(w * 0.74, h * 0.16, w * 0.18, h * 0.05);
    pen.fillRect(w * 0.74, h * 0.36, w * 0.18, h * 0.05);
    pen.translate(w / 2 + Math.sin(time / 30 + seed) * w * 0.008, h * 0.44);
    oval(pen, shirt, 0, h * 0.62, w * 0.25, h * 0.36);
    pen.fillStyle = skin;
    pen.fillRect(-w * 0.035, h * 0.12, w * 0.07, h * 0.17);
    oval(pen, hair, 0, -h * 0.045, w * 0.112, h * 0.225);
    oval(pen, skin, 0, h * 0.015, w * 0.09, h * 0.19);
    oval(pen, hair, 0, -h * 0.15, w * 0.095, h * 0.075);
    for (const side of [-1, 1]) oval(pen, "#22222a", side * w * 0.035, 0, w * 0.0085, h * 0.017);
    pen.strokeStyle = "#7a2f2f";
    pen.lineWidth = h * 0.012;
    pen.beginPath();
    pen.arc(0, h * 0.07, w * 0.03, 0.4, 2.75);
    pen.stroke();
    pen.setTransform(1, 0, 0, 1, 0, 0);
  };

  const drawSlide = (pen, w, h) => {
    pen.fillStyle = "#fdfdfb";
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = "#1b2a33";
    pen.font = "600 58px sans-serif";
    pen.fillText("Plan for the spring release", 80, 130);
    pen.fillStyle = "#14676b";
    [0.45, 0.7, 0.55, 0.9, 0.8].forEach((part, index) => {
      pen.fillRect(110 + index * 150, 600 - part * 360, 100, part * 360);
    });
    pen.fillStyle = "#4d5663";
    pen.font = "30px sans-serif";
    ["Freeze on the 3rd", "Two weeks of trials", "Release on the 20th"].forEach((line, index) => {
      pen.fillText("•  " + line, 880, 270 + index * 70);
    });
  };

  const video = (draw, width) => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = (width * 9) / 16;
    const pen = canvas.getContext("2d");
    let time = 0;
    const frame = () => draw(pen, canvas.width, canvas.height, time++);
    frame();
    setInterval(frame, 200);
    return new MediaStream([canvas.captureStream(5).getVideoTracks()[0]]);
  };

  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => (wanted.video ? video(drawPerson, window.drawnWidth) : real(wanted));
  devices.getDisplayMedia = async () => video(drawSlide, 1280);
})();
