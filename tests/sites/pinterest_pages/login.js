"use strict";
(() => {
  const form = document.querySelector("form");
  const OPTION = { id: "username_or_email", password: "password", code: "code" };

  function complain(field, words) {
    const wrong = document.createElement("div");
    wrong.className = "c-wrong";
    if (field) wrong.id = `${field}-error`;
    wrong.setAttribute("role", "alert");
    wrong.textContent = words;
    (field ? document.getElementById(field).closest("form > div") : form).append(wrong);
  }

  function showCaptcha() {
    const frame = document.createElement("iframe");
    Object.assign(frame, { title: "reCAPTCHA", src: "/challenge/frame/" });
    const box = document.createElement("div");
    box.id = "captcha";
    box.append(frame);
    form.append(box);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelectorAll(".c-wrong").forEach((wrong) => wrong.remove());
    const fields = [...form.querySelectorAll("input")].map((input) => [OPTION[input.name], input.value]);
    const token = document.cookie.match(/csrftoken=(\w+)/)?.[1] ?? "";
    const answer = await fetch(`/resource/${form.dataset.resource}/create/`, {
      method: "POST",
      headers: { "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ data: JSON.stringify({ options: Object.fromEntries(fields), context: {} }) }),
    });
    const { data, error } = (await answer.json()).resource_response;
    if (!error) location.assign(data.next);
    else if (error.captcha) showCaptcha();
    else complain(error.field, error.message);
  });
})();
